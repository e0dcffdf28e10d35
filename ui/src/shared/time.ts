/**
 * Moments in words: the time of a message, the day of a divider, how long ago. Language and `now` are arguments.
 */

/** 오후 3:07, 3:07 PM. Put together here: newer calendars of some engines say "PM 3:07" in Korean. */
export function clockTime(at: number, language: string): string {
  if (!isMoment(at)) return '';
  const date = new Date(at);
  const hours = date.getHours();
  const time = `${hours % 12 || 12}:${String(date.getMinutes()).padStart(2, '0')}`;
  return language === 'ko' ? `${hours < 12 ? '오전' : '오후'} ${time}` : `${time} ${hours < 12 ? 'AM' : 'PM'}`;
}

/** 7월 3일 금요일, Friday, July 3; with its year when that is another than this one. */
export function dayName(at: number, language: string, now: number): string {
  const other_year = new Date(at).getFullYear() !== new Date(now).getFullYear();
  return format(
    language,
    { weekday: 'long', month: 'long', day: 'numeric', ...(other_year && { year: 'numeric' }) },
    at,
  );
}

/** Day and time together, for a title or a screen reader. */
export function fullTime(at: number, language: string): string {
  return `${format(language, { dateStyle: 'full' }, at)} ${clockTime(at, language)}`;
}

/** For a list: the time today, otherwise the day. */
export function shortMoment(at: number, language: string, now: number): string {
  if (isSameDay(at, now)) return clockTime(at, language);
  return format(language, { month: 'short', day: 'numeric' }, at);
}

/** For `<time datetime>`. */
export function machineTime(at: number): string {
  return isMoment(at) ? new Date(at).toISOString() : '';
}

export function isSameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/** Whole seconds until `at`, never below 0: what a countdown shows. */
export function secondsUntil(at: number, now: number): number {
  return Math.max(0, Math.ceil((at - now) / 1000));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, options: Intl.DateTimeFormatOptions, at: number): string {
  if (!isMoment(at)) return '';
  const key = `${language}${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(language === 'ko' ? 'ko-KR' : 'en-US', options);
    formats.set(key, found);
  }
  return found.format(at);
}

/** A room may state any number as its time; the calendar ends at 8.64e15 ms. */
function isMoment(at: number): boolean {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15;
}

/** To the millisecond, for whoever looks at what happens within a second: 15:07:00.042. */
export function preciseTime(at: number): string {
  if (!isMoment(at)) return '';
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}
