// Writes the licences of everything that ships with Maru: the crates behind its two programs on this platform, and the
// npm packages behind its page. Reads what is installed, fetches nothing.
//
//   node xtask/notices.mjs THIRD-PARTY-NOTICES.md
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PROGRAMS = ['maru-desktop', 'maru-cli'];
// Compiled into the page although package.json calls it a tool.
const SHIPS_AS_WELL = ['svelte'];
const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;
const METADATA_BYTES_MAX = 256 * 1024 * 1024;

/** What cargo would link into the programs: normal dependencies, followed from the programs down. */
function crates() {
  const host = /host: (\S+)/.exec(execFileSync('rustc', ['-vV'], { encoding: 'utf8' }))[1];
  const words = ['metadata', '--format-version=1', '--filter-platform', host, '--features', 'tauri/custom-protocol'];
  const metadata = JSON.parse(execFileSync('cargo', words, { encoding: 'utf8', maxBuffer: METADATA_BYTES_MAX }));
  const packages = new Map(metadata.packages.map((one) => [one.id, one]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const programs = metadata.packages.filter((one) => PROGRAMS.includes(one.name)).map((one) => one.id);
  const reached = follow(programs, (id) =>
    nodes
      .get(id)
      .deps.filter((dep) => dep.dep_kinds.some((kind) => kind.kind === null))
      .map((dep) => dep.pkg),
  );
  return reached
    .map((id) => packages.get(id))
    .filter((one) => one.source !== null)
    .map((one) => notice(one.name, one.version, one.license, dirname(one.manifest_path), one.repository, one.license_file));
}

/** The npm packages behind the page, as package-lock.json resolves them. */
function npmPackages() {
  const lock = JSON.parse(readFileSync('ui/package-lock.json', 'utf8')).packages;
  const first = [...Object.keys(lock[''].dependencies ?? {}), ...SHIPS_AS_WELL].map((name) => `node_modules/${name}`);
  const reached = follow(first, (path) =>
    Object.keys({ ...lock[path].dependencies, ...lock[path].peerDependencies })
      .map((name) => resolve(lock, path, name))
      .filter((found) => found !== undefined),
  );
  return reached.map((path) => {
    const folder = join('ui', path);
    const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return notice(about.name, about.version, about.license, folder, about.repository?.url ?? about.homepage);
  });
}

/** A package looks for another in its own folder first, then in every folder above it. */
function resolve(lock, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = `${folder && `${folder}/`}node_modules/${name}`;
    if (found in lock) return found;
    if (folder === '') return undefined;
  }
}

function follow(first, next) {
  const reached = new Set();
  const waiting = [...first];
  while (waiting.length > 0) {
    const one = waiting.pop();
    if (reached.has(one)) continue;
    reached.add(one);
    waiting.push(...next(one));
  }
  return [...reached];
}

function notice(name, version, licence, folder, home, named) {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  let chosen = files.map((entry) => entry.name).filter((file) => LICENCE_FILE.test(file));
  if (named && !chosen.includes(named)) chosen.push(named);
  // Where a package leaves the choice, one text is enough, and MIT is the shortest.
  if (/\bMIT\b.*(\bOR\b|\/)|(\bOR\b|\/).*\bMIT\b/.test(licence ?? '') && !/\bAND\b/.test(licence)) {
    const mit = chosen.filter((file) => /mit/i.test(file));
    if (mit.length > 0) chosen = mit;
  }
  const texts = chosen.sort().map((file) => readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').trim());
  return { name, version, licence: licence ?? 'see the text', home: home?.replace(/^git\+/, ''), texts };
}

/** One section for each distinct text, the packages that share it above it. */
function write(notices) {
  const sorted = notices.sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  const byText = new Map();
  for (const one of sorted) {
    for (const text of one.texts) {
      const key = text.replace(/\s+/g, ' ');
      if (!byText.has(key)) byText.set(key, { text, packages: [] });
      byText.get(key).packages.push(`${one.name} ${one.version}`);
    }
  }
  const list = sorted.map((one) => `- ${[`${one.name} ${one.version}`, one.licence, one.home].filter(Boolean).join(', ')}`);
  const sections = [...byText.values()].map(({ text, packages }) => `## ${packages.join(', ')}\n\n${fenced(text)}`);
  const head = '# Third-party notices\n\nMaru contains the work of others. Thank you.';
  return `${[head, list.join('\n'), ...sections].join('\n\n')}\n`;
}

/** A fence longer than any in the text, so that no licence ends its own section. */
function fenced(text) {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

const target = process.argv[2];
if (target === undefined) throw new Error('say which file to write: node xtask/notices.mjs THIRD-PARTY-NOTICES.md');
const notices = [...crates(), ...npmPackages()];
writeFileSync(target, write(notices));
const silent = notices.filter((one) => one.texts.length === 0).map((one) => `${one.name} (${one.licence})`);
console.log(`${target}: ${notices.length} packages`);
if (silent.length > 0) console.log(`These ship no licence text and are named by their licence alone: ${silent.join(', ')}`);
