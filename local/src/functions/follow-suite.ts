// Preloaded into every instance. The channel to the suite closes when the suite ends, however it ends: an instance that
// outlived it would keep writing to the emulators of the next one.
process.on('disconnect', () => process.exit(1));
