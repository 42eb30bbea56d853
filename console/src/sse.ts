// Reads a stream of server-sent events (WHATWG HTML, section 9.2) line by line. EventSource itself can send no
// Authorization header.

export interface ServerEvent {
  name: string;
  data: string;
}

const line_chars_max = 1 << 20; // a longer one is no event of ours

// Feeds text as it arrives; calls back for each complete event. Comments count as signs of life only.
export class EventReader {
  private rest = '';
  private name = '';
  private data: string[] = [];

  constructor(private readonly tell: (event: ServerEvent) => void) {}

  feed(text: string): void {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    if (this.rest.length > line_chars_max)
      throw new Error('a line of the event stream is too long');
    lines.forEach((line) => this.line(line));
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0)
        this.tell({ name: this.name || 'message', data: this.data.join('\n') });
      this.name = '';
      this.data = [];
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.name = value;
    if (field === 'data') this.data.push(value);
  }
}
