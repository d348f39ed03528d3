// The directives of strftime(3) in the file name of -o, in the C locale. Left out: E and O modifiers, week numbers
// (%U %V %W %G), which are left as they are written.

const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const months = 'January February March April May June July August September October November December'.split(' ');

const padded = (n: number, width = 2, fill = '0'): string => String(n).padStart(width, fill);

/** Name with its directives replaced by parts of the local time. */
export function strftime(format: string, time: Date): string {
  const part = (directive: string): string => {
    const hour = time.getHours();
    const twelve = hour % 12 === 0 ? 12 : hour % 12;
    const midnight = new Date(time.getFullYear(), 0, 1);
    switch (directive) {
      case 'a':
        return days[time.getDay()].slice(0, 3);
      case 'A':
        return days[time.getDay()];
      case 'b':
      case 'h':
        return months[time.getMonth()].slice(0, 3);
      case 'B':
        return months[time.getMonth()];
      case 'C':
        return padded(Math.floor(time.getFullYear() / 100));
      case 'd':
        return padded(time.getDate());
      case 'D':
        return strftime('%m/%d/%y', time);
      case 'e':
        return padded(time.getDate(), 2, ' ');
      case 'F':
        return strftime('%Y-%m-%d', time);
      case 'H':
        return padded(hour);
      case 'I':
        return padded(twelve);
      case 'j':
        return padded(Math.round((new Date(time).setHours(0, 0, 0, 0) - midnight.getTime()) / 86_400_000) + 1, 3);
      case 'm':
        return padded(time.getMonth() + 1);
      case 'M':
        return padded(time.getMinutes());
      case 'n':
        return '\n';
      case 'p':
        return hour < 12 ? 'AM' : 'PM';
      case 'R':
        return strftime('%H:%M', time);
      case 's':
        return String(Math.floor(time.getTime() / 1000));
      case 'S':
        return padded(time.getSeconds());
      case 't':
        return '\t';
      case 'T':
        return strftime('%H:%M:%S', time);
      case 'u':
        return String(time.getDay() === 0 ? 7 : time.getDay());
      case 'w':
        return String(time.getDay());
      case 'y':
        return padded(time.getFullYear() % 100);
      case 'Y':
        return String(time.getFullYear());
      case '%':
        return '%';
      default:
        return `%${directive}`;
    }
  };
  return format.replace(/%([^])/g, (_all, directive: string) => part(directive));
}
