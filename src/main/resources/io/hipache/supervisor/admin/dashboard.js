// The page of the admin listener: asks for /status.json and /events.json every two seconds and shows what they say.
import {ask, byId, element, fill, measured, megabytes, millis, moment, number, rate, say, useToken} from './page.js';
import {show as showHosts} from './hosts.js';

const EVERY_MILLIS = 2000;
const CLASSES = ['2xx', '3xx', '4xx', '5xx', '1xx', 'none'];
const STEPS = 720;
const STEP_MILLIS = 5000;
const FIVE_MINUTES = 300000;
let before = null;

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

function figure(name, value, kind = '') {
  const div = document.createElement('div');
  div.append(element('dt', name), element('dd', value, {className: kind}));
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
    figure('average', measured(traffic.times, 'meanMillis')),
    figure('99 % below', measured(traffic.times, 'p99Millis')),
    figure('log lines lost', number(traffic.droppedLogLines), traffic.droppedLogLines ? 'bad' : ''));
  fill('codes', rates(now, 'code'), 3, 'no requests yet');
  fill('reasons', rates(now, 'reason'), 3, 'no requests yet');
  fill('limits', Object.entries(now.limits).filter(limit => limit[1] > 0).map(([name, times]) => [name, [number(times), 'number']]), 2, 'none');
  showHistory(now);
}

/** The last hour, one bar for each step, its statuses above each other. */
function showHistory(now) {
  const per = STEP_MILLIS / 1000;
  const most = Math.max(1, ...now.history.map(point => point.requests / per));
  const end = Math.ceil(now.time / STEP_MILLIS) * STEP_MILLIS;
  const bars = [];
  for (const point of now.history) {
    const x = STEPS - (end - point.time) / STEP_MILLIS - 1;
    let y = 160;
    for (const code of CLASSES) {
      const value = (point.codes[code] ?? 0) / per;
      if (value <= 0 || x < 0) continue;
      const height = value / most * 155;
      const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      y -= height;
      for (const [name, set] of Object.entries({x, y, width: 1, height})) bar.setAttribute(name, set);
      bar.setAttribute('class', 'c' + (/^[2-5]/.exec(code)?.[0] ?? '0'));
      bars.push(bar);
    }
  }
  byId('chart').replaceChildren(...bars);
  say('most', rate(most) + ' requests a second');
  say('chart-text', now.history.length === 0 ? 'The last hour is drawn here after a few seconds.'
    : `Requests a second in the last hour, by status. The most were ${rate(most)}. The numbers are below.`);
  fill('hour', fiveMinutes(now.history), 8, 'no requests yet');
}

function fiveMinutes(history) {
  const rows = new Map();
  for (const point of history) {
    const start = Math.floor((point.time - STEP_MILLIS) / FIVE_MINUTES) * FIVE_MINUTES;
    const row = rows.get(start) ?? {requests: 0, millis: 0, codes: {}};
    row.requests += point.requests;
    row.millis += point.requests * point.meanMillis;
    for (const code of CLASSES) row.codes[code] = (row.codes[code] ?? 0) + (point.codes[code] ?? 0);
    rows.set(start, row);
  }
  return [...rows].reverse().map(([start, row]) => [moment(start), [number(row.requests), 'number'],
    ...['2xx', '3xx', '4xx', '5xx'].map(code => [number(row.codes[code]), code === '5xx' && row.codes[code] ? 'number bad' : 'number']),
    [number(row.codes['1xx'] + row.codes.none), 'number'], [row.requests ? millis(row.millis / row.requests) : '–', 'number']]);
}

/** Days that are left, in words where they are few. */
function left(millisLeft) {
  const days = Math.floor(millisLeft / 86400000);
  if (millisLeft < 0) return ['expired', 'bad'];
  return days < 14 ? [days === 0 ? 'less than a day' : days === 1 ? 'only 1 day' : `only ${days} days`, 'bad'] : number(days) + ' days';
}

function showRest(now, events) {
  fill('marks', now.marks.map(mark => [mark.host, mark.backend, moment(mark.since), moment(mark.until), mark.why]), 5, 'none');
  const store = now.store;
  byId('redis').replaceChildren(
    figure('Redis', store.usable ? 'answers' : 'gives no answers', store.usable ? 'good' : 'bad'),
    figure('a look-up takes', measured(store.lookups, 'meanMillis')),
    figure('99 % of them below', measured(store.lookups, 'p99Millis')),
    figure('answered from memory', number(store.memoryAnswers)),
    figure('workers without Redis', number(store.staleWorkers), store.staleWorkers ? 'bad' : ''));
  fill('processes', now.workers.processes.map(worker => [[String(worker.slot), 'number'], [String(worker.pid), 'number'], moment(worker.started),
    [megabytes(worker.residentBytes), 'number'], [millis(worker.lagMillis), worker.lagMillis > 100 ? 'number bad' : 'number'], [number(worker.connections), 'number'],
    [number(worker.requests), 'number'], [worker.storeUsable ? worker.stale ? 'from memory' : 'usable' : 'away', worker.storeUsable && !worker.stale ? '' : 'bad']]), 8, 'no worker reports');
  say('ends', `Workers: ${number(now.workers.wanted)} wanted, ${number(now.workers.started)} started, ${number(now.workers.ended)} ended, ${number(now.workers.died)} died. Configuration ${number(now.generation)}.`);
  fill('expiries', now.certificates.map(each => [each.host, new Date(each.until).toLocaleString(), left(each.until - now.time)]), 3, 'none is in use');
  fill('happened', events.slice(0, 100).map(event => [moment(event.time), event.kind, event.host, event.subject, event.detail]), 5, 'none yet');
}

async function look() {
  try {
    const [now, events] = await Promise.all([ask('status.json'), ask('events.json')]);
    byId('login').hidden = true;
    byId('main').hidden = false;
    say('version', now.version);
    showTraffic(now);
    showRest(now, events);
    showHosts(now, before);
    say('state', now.ready ? '✓ ready' : '✗ not ready: ' + now.obstacle, now.ready ? 'good' : 'bad');
    before = now;
  } catch (problem) {
    say('state', problem.login ? 'The figures need the token.' : '✗ no answer: ' + problem.message, 'bad');
    if (problem.login) {
      useToken(null);
      byId('main').hidden = true;
      byId('login').hidden = false;
      byId('token').focus();
      return;
    }
  }
  setTimeout(look, EVERY_MILLIS);
}

byId('login').addEventListener('submit', event => {
  event.preventDefault();
  useToken(byId('token').value);
  byId('token').value = '';
  look();
});
look();
