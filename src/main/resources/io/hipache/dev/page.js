// Shows what goes on, and again every second. Text of others is never taken for HTML.
const at = id => document.getElementById(id);

function rows(id, cells) {
  at(id).replaceChildren(...cells.map(row => {
    const line = document.createElement('tr');
    for (const cell of row) line.insertCell().textContent = cell;
    return line;
  }));
}

function command(text) {
  const item = document.createElement('li');
  const code = document.createElement('code');
  const copy = document.createElement('button');
  code.textContent = text;
  copy.type = 'button';
  copy.textContent = 'Copy';
  copy.addEventListener('click', async () => {
    getSelection().selectAllChildren(code);
    // an address other than localhost has no clipboard: then the text is selected
    copy.textContent = await navigator.clipboard?.writeText(text).then(() => 'Copied', () => 'Selected') ?? 'Selected';
  });
  item.append(code, copy);
  return item;
}

function commands(texts) {
  if (at('commands').dataset.texts !== texts.join()) {
    at('commands').dataset.texts = texts.join();
    at('commands').replaceChildren(...texts.map(command));
  }
}

function show(status) {
  at('asked').textContent ||= status.asked;
  at('more').hidden = !status.dashboard;
  at('dashboard').href = status.dashboard ?? '';
  at('example').textContent = at('example').href = status.example;
  commands(status.commands);
  rows('frontends', (status.frontends ?? []).map(frontend => [frontend.name, frontend.backends.join(' ')]));
  rows('backends', status.backends.map(backend => [backend.name, backend.url, backend.answered]));
  const program = status.program;
  rows('workers', (program?.workers.processes ?? []).map(worker => [worker.pid,
    Math.round(worker.residentBytes / 1048576) + ' MB', worker.connections, worker.storeUsable ? 'yes' : 'no']));
  const problem = status.redisProblem ?? status.programProblem ?? (program?.ready ? '' : program?.obstacle);
  say(problem ? 'Something is wrong: ' + problem : 'Everything is well: '
    + (program.workers.processes.length === 1 ? '1 worker serves' : program.workers.processes.length + ' workers serve') + ', Redis on port ' + status.redisPort + ' answers.', problem);
}

function say(text, bad) {
  at('state').textContent = text;
  at('state').className = bad ? 'bad' : '';
}

async function look() {
  try {
    const answer = await fetch('/.hipache-dev/status.json', {signal: AbortSignal.timeout(5000)});
    if (!answer.ok) throw new Error('status ' + answer.status);
    show(await answer.json());
  } catch (e) {
    say('Hipache does not answer any more (' + e.message + '). Look at its terminal.', true);
  }
  setTimeout(look, 1000);
}

look();
