/** Told so, a process stops as soon as it has a model's answer in its hands and has written nothing of it. */
export const stopWithAnswer = 'SIGUSR2';
