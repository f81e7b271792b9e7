// Paths of collections, as people write them: `orgs/{org}/tasks`, with or without a slash before it.

export const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

export const isPlaceholder = (segment: string): boolean => segment.startsWith('{');

/** Equal for paths that differ in the names of their placeholders only. */
export const templateOf = (path: string): string =>
  segmentsOf(path)
    .map((segment) => (isPlaceholder(segment) ? '{}' : segment))
    .join('/');
