// The hosts: all of Redis by search, and one that is open, with its backends and what can be changed.
import {ahead, ask, byId, element, fill, measured, millis, moment, number, rate, say} from './page.js';

const TYPING_MILLIS = 150;
const READING_MILLIS = 500;
const REFRESH_MILLIS = 10000;
const DRAIN_MILLIS = 1000;
const FINDINGS = {
  matches: 'matches', absent: 'does not exist', wrong_type: 'is not a list, the look-up ends here',
  too_large: 'is too large, the look-up ends here', shadowed: 'exists, but a name before it counts', not_needed: 'does not exist, not needed'
};

let status = null;
let before = null;
let found = null;
let searches = 0;
let timer = 0;
let limit = 50;
let open = null;
let opened = 0;
let ordered = 0;

/** Takes the figures, and those before them. */
export function show(now, earlier) {
  const first = status === null;
  status = now;
  before = earlier;
  if (first) {
    search();
    fromAddress();
  } else {
    showRows();
  }
}

const count = (times, noun) => number(times) + ' ' + noun + (times === 1 ? '' : 's');
const query = () => byId('query').value.trim();

function later(wait) {
  clearTimeout(timer);
  timer = setTimeout(search, wait);
}

async function search() {
  clearTimeout(timer);
  if (document.hidden) {
    later(REFRESH_MILLIS);
    return;
  }
  const asked = ++searches;
  let answer;
  try {
    answer = await ask('frontends.json?' + new URLSearchParams({search: query(), limit}));
  } catch (problem) {
    answer = {problem: problem.message};
  }
  if (asked !== searches) return;
  found = answer;
  showRows();
  later(found.complete === false ? READING_MILLIS : REFRESH_MILLIS);
}

function words() {
  if (found.problem) return 'Redis cannot be searched: ' + found.problem + '. These are the busiest hosts of this machine.';
  const shown = found.frontends.length;
  const of = count(found.names, 'host') + (!found.complete ? ' read so far' : found.truncated ? ' (Redis has more than the search can hold)' : '');
  if (!query()) return `${of}${shown < found.names ? ', ' + number(shown) + ' are shown' : ''}. Those that fail or are slow are first.`;
  return `${number(found.matches)} of ${of} ${found.matches === 1 ? 'matches' : 'match'}${shown < found.matches ? ', ' + number(shown) + ' are shown' : ''}.`;
}

function showRows() {
  if (found === null) return;
  const seconds = before ? (status.time - before.time) / 1000 : 0;
  const old = new Map(before ? before.hosts.map(host => [host.host, host.requests]) : []);
  const figures = new Map(status.hosts.map(host => [host.host, host]));
  const text = query().toLowerCase();
  const frontends = found.frontends ?? status.hosts.filter(host => host.host.includes(text)).map(host => ({name: host.host}));
  fill('rows', frontends.map(frontend => {
    const link = element('button', frontend.name, {type: 'button', className: 'link'});
    link.addEventListener('click', () => openHost(frontend.name));
    const backends = frontend.problem ? ['no list', 'number bad'] : [frontend.backends === undefined ? '–' : number(frontend.backends), frontend.backends === 0 ? 'number bad' : 'number'];
    const marks = [frontend.marks === undefined ? '–' : number(frontend.marks), frontend.marks ? 'number bad' : 'number'];
    const host = figures.get(frontend.name);
    if (!host) return [link, backends, marks, ['–', 'number'], ['–', 'number'], ['–', 'number'], ['–', 'number'], ['–', 'number']];
    const bad = host.codes['5xx'] ?? 0;
    return [link, backends, marks, [seconds > 0 ? rate((host.requests - (old.get(host.host) ?? 0)) / seconds) : '–', 'number'], [number(host.requests), 'number'],
      [number(bad), bad ? 'number bad' : 'number'], [measured(host.times, 'p99Millis'), 'number'], [number(host.retries), 'number']];
  }), 8, query() ? 'no host has this in its name' : 'Redis has no frontends');
  say('found', words());
  byId('more').hidden = limit >= 200 || !found.frontends || found.matches <= limit;
}

async function openHost(name) {
  const asked = ++opened;
  open = name;
  history.replaceState(null, '', '#host=' + encodeURIComponent(name));
  ordered++;
  say('changed', '');
  await refresh(asked);
  if (asked === opened) byId('host-title').focus();
}

/** Asks again for the host that is open. */
async function refresh(asked) {
  const name = open;
  if (name === null) return;
  let host;
  try {
    host = await ask('frontends/' + encodeURIComponent(name) + '.json');
  } catch (problem) {
    host = {host: name, problem: problem.message};
  }
  if (asked === opened && open === name) showHost(host);
}

function showHost(host) {
  byId('host').hidden = false;
  say('host-title', host.host);
  say('verdict', host.problem ? 'Redis cannot be asked: ' + host.problem : verdict(host), host.problem || host.next.status ? 'bad' : 'good');
  byId('notes').replaceChildren(...(host.problem ? [] : notes(host)).map(note => element('li', note)));
  const writes = status.write && !host.problem;
  byId('host').classList.toggle('writes', writes);
  fill('backends', (host.backends ?? []).map(backend => backendRow(backend, host)), 10, 'none');
  fill('names', (host.names ?? []).map(name => [name.name, [FINDINGS[name.finding] + (name.finding === 'matches' ? ', ' + count(name.backends, 'backend') : ''), name.finding === 'matches' ? 'good' : '']]), 2, 'none');
  fill('failures', (host.workers?.failures ?? []).map(failure => [moment(failure.time), failed(failure), failure.backend]), 3, 'none');
  byId('add').hidden = !writes;
  byId('new').hidden = Boolean(host.frontend);
  byId('identifier').required = !host.frontend;
  say('add-to', host.frontend ?? host.host);
}

function verdict(host) {
  if (host.next.status) return `The next request gets a ${host.next.status}, ${host.next.reason}: ${host.next.why}.`;
  const candidates = host.next.candidates;
  return candidates.length === 1 ? `The next request gets to ${candidates[0]}, the only backend that counts as alive.`
    : `The next request gets to one of ${candidates.length} backends, each with the same chance.`;
}

function notes(host) {
  const lines = [];
  if (host.frontend && host.frontend !== host.host) lines.push('The list of ' + host.frontend + ' is used.');
  if (host.identifier !== undefined) lines.push('Identifier: ' + host.identifier);
  lines.push(host.activeChecker.alive ? 'An active checker sets and ends marks.' : 'No active checker is alive, workers set marks.');
  lines.push(...host.problems);
  const shown = host.certificates[0];
  if (shown) lines.push('Certificate: ' + shown.source + (shown.problem ? ', ' + shown.problem : ', valid until ' + shown.until));
  if (host.workers?.counted) lines.push(`This machine, ${host.workers.host}: ${count(host.workers.requests, 'request')}, ${measured(host.workers.times, 'meanMillis')} on average, 99 % below ${measured(host.workers.times, 'p99Millis')}. `
    + Object.entries(host.workers.reasons).map(([reason, times]) => reason + ' ' + number(times)).join(', '));
  const left = host.workers?.left;
  if (left?.count) lines.push(`${count(left.count, 'client')} left before an answer began, ${millis(left.meanMillis)} after the request on average.`);
  return lines;
}

function backendRow(backend, host) {
  const dead = backend.state === 'dead';
  const state = dead ? 'dead, ' + backend.mark + ' failure' : backend.state;
  const until = !dead ? '' : backend.until ? ahead(backend.until, host.time) : 'for ever';
  const why = dead ? backend.why || 'not marked by this machine' : backend.lastFailure ? 'last: ' + failed(backend.lastFailure) : '';
  return ['#' + backend.index + ' ' + backend.url, [state, dead || backend.state === 'unusable' ? 'bad' : 'good'],
    backend.since ? moment(backend.since) : '', until, why, [number(backend.failures), backend.failures ? 'number bad' : 'number'],
    ...seen(backend.seen), [changes(backend, host), 'change']];
}

/** What the workers of this machine have counted of a backend, where they have counted it of its own. */
function seen(counts) {
  if (!counts) return [['–', 'number'], ['–', 'number'], ['–', 'number']];
  return [[measured(counts.firstByte, 'p99Millis'), 'number'],
    [counts.left.count ? number(counts.left.count) + ', after ' + millis(counts.left.meanMillis) : '0', counts.left.count ? 'number bad' : 'number'],
    [number(counts.requests + counts.tunnels), 'number']];
}

/** The reason, and the status that the client got. */
function failed(failure) {
  return failure.reason + (failure.status ? ', ' + failure.status : '');
}

/** A drain of a backend that counts as dead is a removal. */
function changes(backend, host) {
  const buttons = backend.state === 'dead' ? [button('Revive', 'revive', backend, host)] : [button('Drain', 'drain', backend, host)];
  return [...buttons, button('Remove', 'remove', backend, host)];
}

function button(words, action, backend, host) {
  const made = element('button', words, {type: 'button', ariaLabel: words + ' ' + backend.url});
  made.addEventListener('click', async () => {
    // marks are under the name of the host, backends under that of the frontend
    const name = action === 'revive' ? host.host : host.frontend;
    if (action === 'revive' || await confirmed(`${words} ${backend.url} from ${name}? Requests under way go on, new ones go elsewhere.`, words)) {
      await change(name, {action, backends: [backend.url]});
    }
  });
  return made;
}

function confirmed(question, words) {
  const dialog = byId('confirm');
  say('question', question);
  say('yes', words);
  return new Promise(resolve => {
    byId('yes').onclick = () => dialog.close('yes');
    byId('no').onclick = () => dialog.close('no');
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
    dialog.returnValue = 'no';
    dialog.showModal();
  });
}

async function change(name, order) {
  const asked = ++ordered;
  say('changed', 'Waiting for Redis …', '');
  try {
    const done = await ask('frontends/' + encodeURIComponent(name) + '.json', order);
    const outcome = `${order.action} ${order.backends[0]}: ` + (done.changed ? 'done' : 'nothing to do')
      + (done.backends === undefined ? '' : `, ${done.host} has ${count(done.backends, 'backend')} now`)
      + (done.activeChecker ? '; an active checker is alive and may mark it again' : '');
    say('changed', outcome, 'good');
    if (done.addresses) drained(asked, outcome, done);
  } catch (problem) {
    say('changed', problem.message, 'bad');
    return false;
  }
  await refresh(++opened);
  search();
  return true;
}

/** Says what is under way on drained backends, until nothing is, or somebody changes something else. */
async function drained(asked, outcome, done) {
  let start;
  while (asked === ordered) {
    let page;
    try {
      page = await ask('backends.json');
    } catch (problem) {
      return;
    }
    start ??= page.time;
    const uses = page.backends.filter(use => done.addresses.includes(use.backend));
    const sum = kind => uses.reduce((total, use) => total + use[kind], 0);
    const over = uses.length === 0 && page.complete && page.reported >= start + done.obeyedMillis;
    if (asked === ordered && (uses.length || over)) {
      say('changed', outcome + (over ? '; nothing of this machine is under way there any more'
        : `; ${count(sum('requests'), 'request')} and ${count(sum('tunnels'), 'WebSocket')} of this machine are under way there`), 'good');
    }
    if (over) return;
    await new Promise(resolve => setTimeout(resolve, DRAIN_MILLIS));
  }
}

/** Opens the host that the address of the page names. */
function fromAddress() {
  const named = /^#host=(.+)$/.exec(location.hash);
  if (named) openHost(decodeURIComponent(named[1]));
}

byId('search').addEventListener('submit', event => {
  event.preventDefault();
  if (query()) openHost(query());
});
byId('query').addEventListener('input', () => later(TYPING_MILLIS));
byId('more').addEventListener('click', () => {
  limit = 200;
  search();
});
byId('close').addEventListener('click', () => {
  open = null;
  opened++;
  byId('host').hidden = true;
  history.replaceState(null, '', '#hosts');
  byId('query').focus();
});
byId('add').addEventListener('submit', async event => {
  event.preventDefault();
  const order = {action: 'add', backends: [byId('url').value.trim()]};
  if (!byId('new').hidden) order.identifier = byId('identifier').value.trim();
  if (await change(byId('add-to').textContent, order)) byId('url').value = '';
});
byId('url').placeholder = 'http://10.0.0.1:8080';
addEventListener('hashchange', fromAddress);
setInterval(() => document.hidden || refresh(opened), REFRESH_MILLIS);
