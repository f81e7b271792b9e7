// `[[stand-in: name key=value …]]` or `[[stand-in: name=value …]]` within a user's text.

export interface Marker {
  readonly name: string;
  readonly value: string | undefined;
  readonly options: Readonly<Partial<Record<string, string>>>;
}

const OPENING = '[[stand-in:';
const pattern = /\[\[stand-in:([^\]\n]{1,200})\]\]/g;

const parseMarker = (inside: string): Marker[] => {
  const [first, ...rest] = inside.trim().split(/\s+/);
  const [name, value] = (first ?? '').split('=');
  if (!name) return [];
  const pairs = rest.map((option) => option.split('='));
  return [{ name, value, options: Object.fromEntries(pairs.map(([key, text]) => [key ?? '', text ?? ''])) }];
};

export const markersIn = (text: string): Marker[] =>
  text.includes(OPENING) ? [...text.matchAll(pattern)].flatMap(([, inside]) => parseMarker(inside ?? '')) : [];

export const hasMarker = (text: string, name: string): boolean =>
  markersIn(text).some((marker) => marker.name === name);

export const withoutMarkers = (text: string): string => text.replaceAll(pattern, '').trim();
