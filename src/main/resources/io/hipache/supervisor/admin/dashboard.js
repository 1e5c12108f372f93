// The page of the admin listener: asks for /status.json and /events.json every two seconds and shows what they say. It makes
// text of everything that it is told, and never HTML.
'use strict';

const EVERY_MILLIS = 2000;
const CLASSES = ['2xx', '3xx', '4xx', '5xx', '1xx', 'none'];
const byId = id => document.getElementById(id);
let before = null;
let token = sessionStorage.getItem('token');

async function ask(path) {
  const answer = await fetch(path, {headers: token ? {Authorization: 'Bearer ' + token} : {}, cache: 'no-store'});
  if (answer.status === 401) throw Object.assign(new Error('a token is needed'), {login: true});
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error('the supervisor answers ' + answer.status);
  return answer.json();
}

function cell(content, kind) {
  const td = document.createElement('td');
  if (content instanceof Node) td.append(content); else td.textContent = content;
  if (kind) td.className = kind;
  return td;
}

/** Puts rows in the place of those that are there. Each row is a list of cells; a cell is a text, or a text and its class. */
function fill(id, rows, columns, none) {
  const body = byId(id);
  const focused = document.activeElement && body.contains(document.activeElement) ? document.activeElement.textContent : null;
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
  if (focused) [...body.querySelectorAll('button')].find(button => button.textContent === focused)?.focus();
}

const number = value => Math.round(value).toLocaleString('en');
const rate = value => value.toLocaleString('en', {minimumFractionDigits: 1, maximumFractionDigits: 1});
const millis = value => value >= 1000 ? rate(value / 1000) + ' s' : rate(value) + ' ms';
const time = at => new Date(at).toLocaleTimeString();
const moment = at => new Date(at).toLocaleString();
const megabytes = bytes => number(bytes / 1048576) + ' MB';

/** The sums of the entries by one of their properties. */
function sums(status, property) {
  const counts = new Map();
  for (const entry of status.requests) counts.set(entry[property], (counts.get(entry[property]) ?? 0) + entry.requests);
  return counts;
}

function secondsSince(earlier, now) {
  return earlier && now.time > earlier.time ? (now.time - earlier.time) / 1000 : 0;
}

/** Name, rate and number of each count, the largest first. */
function rates(now, property) {
  const seconds = secondsSince(before, now);
  const old = seconds ? sums(before, property) : new Map();
  return [...sums(now, property)].sort((a, b) => b[1] - a[1])
    .map(([name, count]) => [name, [seconds ? rate((count - (old.get(name) ?? 0)) / seconds) : '–', 'number'], [number(count), 'number']]);
}

function total(status) {
  return status.requests.reduce((sum, entry) => sum + entry.requests, 0);
}

function figure(name, value) {
  const div = document.createElement('div');
  const dt = document.createElement('dt');
  const dd = document.createElement('dd');
  dt.textContent = name;
  dd.textContent = value;
  div.append(dt, dd);
  return div;
}

function showTraffic(now) {
  const seconds = secondsSince(before, now);
  const traffic = now.traffic;
  byId('figures').replaceChildren(
    figure('requests a second', seconds ? rate((total(now) - total(before)) / seconds) : '–'),
    figure('requests under way', number(traffic.requests)),
    figure('clients', number(traffic.connections)),
    figure('WebSockets', number(traffic.tunnels)),
    figure('waiting for a backend', number(traffic.waiting)),
    figure('99 % below', millis(traffic.times.p99Millis)),
    figure('log lines lost', number(traffic.droppedLogLines)));
  fill('codes', rates(now, 'code'), 3, 'no requests yet');
  fill('reasons', rates(now, 'reason'), 3, 'no requests yet');
  fill('limits', Object.entries(now.limits).filter(limit => limit[1] > 0).map(([name, times]) => [name, [number(times), 'number']]), 2, 'none');
  showHistory(now);
}

/** The last hour, one bar for each step, its statuses above each other. */
function showHistory(now) {
  const points = now.history.map((point, i) => {
    const seconds = i > 0 ? (point.time - now.history[i - 1].time) / 1000 : 5;
    return {time: point.time, requests: point.requests / seconds, codes: CLASSES.map(code => (point.codes[code] ?? 0) / seconds)};
  });
  const most = Math.max(1, ...points.map(point => point.requests));
  const chart = byId('chart');
  const width = 720 / Math.max(720, points.length);
  const bars = [];
  points.forEach((point, i) => {
    let y = 160;
    point.codes.forEach((value, kind) => {
      if (value <= 0) return;
      const height = value / most * 155;
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      y -= height;
      for (const [name, set] of Object.entries({x: 720 - (points.length - i) * width, y, width, height})) bar.setAttribute(name, set);
      bar.setAttribute('class', 'c' + (/^\d/.exec(CLASSES[kind])?.[0] ?? '0'));
      bars.push(bar);
    });
  });
  chart.replaceChildren(...bars);
  byId('chart-text').textContent = points.length === 0 ? 'The last hour is drawn here after a few seconds.'
    : `Requests a second since ${time(points[0].time)}, at most ${rate(most)}: green 2xx, blue 3xx, yellow 4xx, red 5xx, grey without an answer.`;
}

function failing(host) {
  return host.requests ? (host.codes['5xx'] ?? 0) / host.requests : 0;
}

function showHosts(now) {
  const seconds = secondsSince(before, now);
  const old = new Map(seconds ? before.hosts.map(host => [host.host, host.requests]) : []);
  const query = byId('query').value.trim().toLowerCase();
  const hosts = now.hosts.filter(host => host.host.includes(query))
    .sort((a, b) => failing(b) - failing(a) || b.times.p99Millis - a.times.p99Millis || b.requests - a.requests);
  fill('rows', hosts.slice(0, 200).map(host => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link';
    button.textContent = host.host;
    button.addEventListener('click', () => showHost(host.host));
    const bad = host.codes['5xx'] ?? 0;
    return [[button], [seconds ? rate((host.requests - (old.get(host.host) ?? 0)) / seconds) : '–', 'number'], [number(host.requests), 'number'],
      [number(bad), bad ? 'number bad' : 'number'], [millis(host.times.p99Millis), 'number'], [number(host.retries), 'number']];
  }), 6, query ? 'none of the busiest hosts has this in its name' : 'no requests yet');
}

async function showHost(name) {
  const place = byId('host');
  try {
    const host = await ask('hosts/' + encodeURIComponent(name) + '.json');
    const lines = [];
    if (host === null) {
      lines.push('This machine has counted no request for ' + name + ' of its own. hipache explain ' + name + ' says what Redis has.');
    } else {
      if (host.counted) lines.push(number(host.requests) + ' requests: ' + Object.entries(host.reasons).map(([reason, times]) => reason + ' ' + number(times)).join(', '));
      for (const mark of host.marks) lines.push(`${mark.backend} is marked dead since ${moment(mark.since)}, until ${moment(mark.until)}${mark.why ? ', because of ' + mark.why : ''}`);
      for (const failure of host.failures) lines.push(`${moment(failure.time)} ${failure.reason}, ${failure.status} ${failure.backend}`);
    }
    const title = document.createElement('h3');
    title.textContent = host === null ? name : host.host;
    place.replaceChildren(title, ...lines.map(line => Object.assign(document.createElement('p'), {textContent: line})));
  } catch (problem) {
    place.replaceChildren(String(problem.message));
  }
}

function showRest(now, events) {
  fill('marks', now.marks.map(mark => [mark.host, mark.backend, moment(mark.since), moment(mark.until), mark.why]), 5, 'none');
  byId('redis').textContent = (now.store.usable ? 'Redis answers' : 'Redis gives no answers')
    + (now.store.staleWorkers ? '; ' + now.store.staleWorkers + ' workers answer from memory' : '')
    + `. A look-up takes ${millis(now.store.lookups.meanMillis)} on average. ${number(now.store.memoryAnswers)} were answered from memory. `
    + `Workers: ${now.workers.started} started, ${now.workers.ended} ended, ${now.workers.died} died.`;
  fill('processes', now.workers.processes.map(worker => [[String(worker.slot), 'number'], [String(worker.pid), 'number'], moment(worker.started),
    [megabytes(worker.residentBytes), 'number'], [millis(worker.lagMillis), worker.lagMillis > 100 ? 'number bad' : 'number'], [number(worker.connections), 'number'],
    [worker.storeUsable ? 'usable' : 'away', worker.storeUsable ? '' : 'bad']]), 7, 'no worker reports');
  fill('expiries', now.certificates.map(each => {
    const days = (each.until - now.time) / 86400000;
    return [each.host, moment(each.until), [number(Math.floor(days)), days < 14 ? 'number bad' : 'number']];
  }), 3, 'none is in use');
  fill('happened', events.slice(0, 100).map(event => [moment(event.time), event.kind, event.host, event.subject, event.detail]), 5, 'none yet');
}

function tell(text, good) {
  const state = byId('state');
  if (state.textContent !== text) state.textContent = text;
  state.className = good ? 'good' : 'bad';
}

async function look() {
  try {
    const [now, events] = await Promise.all([ask('status.json'), ask('events.json')]);
    byId('login').hidden = true;
    byId('main').hidden = false;
    byId('version').textContent = now.version;
    showTraffic(now);
    showHosts(now);
    showRest(now, events);
    tell(now.ready ? 'ready' : 'not ready: ' + now.obstacle, now.ready);
    before = now;
  } catch (problem) {
    tell(problem.login ? 'The figures need the token.' : 'No answer: ' + problem.message, false);
    if (problem.login) {
      sessionStorage.removeItem('token');
      token = null;
      byId('main').hidden = true;
      byId('login').hidden = false;
      return;
    }
  }
  setTimeout(look, EVERY_MILLIS);
}

byId('login').addEventListener('submit', event => {
  event.preventDefault();
  token = byId('token').value;
  sessionStorage.setItem('token', token);
  byId('token').value = '';
  look();
});
byId('search').addEventListener('submit', event => {
  event.preventDefault();
  const name = byId('query').value.trim().toLowerCase();
  if (name) showHost(name);
});
byId('query').addEventListener('input', () => before && showHosts(before));
look();
