// What the parts of the page share: asking the admin listener, tables, and how numbers are written. Everything that is told
// becomes text, and never HTML.
let token = sessionStorage.getItem('token');

export const byId = id => document.getElementById(id);

export function useToken(given) {
  token = given;
  if (given === null) sessionStorage.removeItem('token');
  else sessionStorage.setItem('token', given);
}

/** Asks for JSON, null where there is no such page. With an order, has something changed. */
export async function ask(path, order) {
  const headers = token ? {Authorization: 'Bearer ' + token} : {};
  const options = {headers, cache: 'no-store'};
  if (order) {
    headers['Content-Type'] = 'application/json';
    Object.assign(options, {method: 'POST', body: JSON.stringify(order)});
  }
  const answer = await fetch(path, options);
  if (answer.status === 401) throw Object.assign(new Error('a token is needed'), {login: true});
  if (answer.status === 404) return null;
  if (answer.ok) return answer.json();
  const text = (await answer.text()).trim();
  throw new Error(text.startsWith('{') ? JSON.parse(text).error : 'the supervisor answers ' + answer.status + ': ' + text);
}

/** An element with a text and properties. */
export function element(name, text, properties) {
  const made = document.createElement(name);
  made.textContent = text;
  return Object.assign(made, properties);
}

function cell(content, kind) {
  const td = document.createElement('td');
  if (Array.isArray(content)) td.append(...content);
  else if (content instanceof Node) td.append(content);
  else td.textContent = content;
  if (kind) td.className = kind;
  return td;
}

/**
 * Puts rows in the place of those that are there, and keeps the focus where it is. Each row is a list of cells. A cell is a text, an
 * element, or a list of its content and its class.
 */
export function fill(id, rows, columns, none) {
  const body = byId(id);
  const name = button => button.ariaLabel ?? button.textContent;
  const focused = document.activeElement && body.contains(document.activeElement) ? name(document.activeElement) : null;
  body.replaceChildren(...rows.map(row => {
    const tr = document.createElement('tr');
    tr.append(...row.map(each => Array.isArray(each) ? cell(...each) : cell(each)));
    return tr;
  }));
  if (rows.length === 0) {
    const tr = document.createElement('tr');
    const td = cell(none, 'empty');
    td.colSpan = columns;
    tr.append(td);
    body.append(tr);
  }
  if (focused) [...body.querySelectorAll('button')].find(button => name(button) === focused)?.focus({preventScroll: true});
}

/** Changes a text only when it differs, so that a live region says it once. */
export function say(id, text, kind) {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
  if (kind !== undefined) place.className = kind;
}

export const number = value => Math.round(value).toLocaleString('en');
export const rate = value => value.toLocaleString('en', {minimumFractionDigits: 1, maximumFractionDigits: 1});
/** A time of a histogram, where anything was measured. */
export const measured = (times, which) => times.count ? millis(times[which]) : '–';
export const millis = value => value >= 1000 ? rate(value / 1000) + ' s' : rate(value) + ' ms';
export const megabytes = bytes => number(bytes / 1048576) + ' MB';

/** The time of a moment, with its day when that is not today. */
export function moment(at) {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString() : date.toLocaleString();
}

/** A moment in the future, with how long that is. */
export function ahead(at, now) {
  const seconds = Math.max(0, Math.round((at - now) / 1000));
  return moment(at) + ', in ' + (seconds < 120 ? seconds + ' s' : number(seconds / 60) + ' min');
}
