// Draws the two descriptions of the doors. Nothing of them is ever taken for markup: every word becomes a text node.

/** An element with its children; a string becomes text. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  // Descriptions are written in Markdown, and of that no more than marks around code.
  const plain = (child) => (typeof child === 'string' && tag !== 'pre' ? child.replaceAll('\x60', '') : child);
  element.append(...children.filter((child) => child !== undefined && child !== null).map(plain));
  return element;
}

const nameOf = (reference) => reference.split('/').at(-1);

/** A type in a few words, with links to those that have a name. */
function typeOf(schema) {
  if (schema === undefined || schema === true) return ['anything'];
  if (schema.$ref) return [make('a', { href: `#type-${nameOf(schema.$ref)}` }, nameOf(schema.$ref))];
  if (schema.const !== undefined) return [make('code', {}, JSON.stringify(schema.const))];
  if (schema.enum) return between(schema.enum.map((value) => [make('code', {}, JSON.stringify(value))]), ' or ');
  for (const key of ['oneOf', 'anyOf', 'allOf']) {
    if (schema[key]) return between(schema[key].map(typeOf), key === 'allOf' ? ' and ' : ' or ');
  }
  const types = [schema.type ?? 'anything'].flat();
  if (types.includes('array')) return ['list of ', ...typeOf(schema.items), types.includes('null') ? ' or null' : ''];
  if (schema.properties) {
    const names = Object.keys(schema.properties).map((name) => (schema.required?.includes(name) ? name : `${name}?`));
    return [`object of ${names.join(', ')}`];
  }
  const type = types.join(' or ');
  const bounds = [['minimum', 'at least'], ['maximum', 'at most'], ['minLength', 'length at least'],
    ['maxLength', 'length at most'], ['format', 'as'], ['pattern', 'like']];
  const said = bounds.filter(([key]) => schema[key] !== undefined).map(([key, word]) => `${word} ${schema[key]}`);
  return [[type, ...said].join(', ')];
}

const between = (parts, word) => parts.flatMap((part, at) => (at > 0 ? [word, ...part] : part));

/** The fields of an object, those of what it is put together from among them. */
function fieldsOf(schema, all, seen = new Set()) {
  if (!schema) return [];
  if (schema.$ref) {
    const name = nameOf(schema.$ref);
    return seen.has(name) ? [] : fieldsOf(all[name], all, new Set([...seen, name]));
  }
  const required = new Set(schema.required ?? []);
  const own = Object.entries(schema.properties ?? {})
    .map(([name, field]) => ({ name, field, isRequired: required.has(name) }));
  const parts = [...(schema.allOf ?? []), ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  return [...own, ...parts.flatMap((part) => fieldsOf(part, all, seen))];
}

function fieldTable(fields) {
  if (fields.length === 0) return undefined;
  // A field that is one thing here and another there is either.
  const byName = Map.groupBy(fields, ({ name }) => name);
  const row = ([name, alike]) => make('tr', {},
    make('td', {}, make('code', {}, name), alike.every(({ isRequired }) => isRequired) ? '' : ' ?'),
    make('td', {}, ...between(alike.map(({ field }) => typeOf(field)), ' or ')),
    make('td', { className: 'quiet' }, alike.find(({ field }) => field.description)?.field.description ?? ''));
  const head = make('tr', {}, ...['field', 'type', ''].map((word) => make('th', { scope: 'col' }, word)));
  return make('table', {}, make('thead', {}, head), make('tbody', {}, ...[...byName].map(row)));
}

const shown = (value) => make('pre', {}, typeof value === 'string' ? value : JSON.stringify(value, null, 2));

function entry(title, quiet, id, ...body) {
  const details = make('details', { id }, make('summary', {}, ...title, make('span', { className: 'quiet' }, quiet ?? '')), ...body);
  details.dataset.words = `${details.textContent}`.toLowerCase();
  return details;
}

function operation(path, verb, it, shared, all) {
  const parameters = [...shared, ...(it.parameters ?? [])].map((parameter) => ({
    name: `${parameter.name} (${parameter.in})`,
    field: { ...parameter.schema, description: parameter.description },
    isRequired: parameter.required,
  }));
  const body = it.requestBody?.content?.['application/json'];
  const answers = Object.entries(it.responses ?? {}).map(([status, answer]) => {
    const [kind, content] = Object.entries(answer.content ?? {})[0] ?? [];
    return make('li', {}, make('code', {}, status), ` ${answer.description ?? ''} `,
      ...(content ? [make('span', { className: 'quiet' }, `${kind}: `), ...typeOf(content.schema)] : []));
  });
  const example = body?.example ?? undefined;
  const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  const curl = `curl -g -X ${verb.toUpperCase()} ${quoted(location.origin + path)}`
    + (example ? ` \\\n     -H 'Content-Type: application/json' -d ${quoted(JSON.stringify(example))}` : '');
  return entry([make('span', { className: 'verb' }, verb.toUpperCase()), make('code', {}, path)], it.summary ?? it.description, '',
    it.description ? make('p', {}, it.description) : undefined,
    fieldTable(parameters),
    body ? make('p', {}, 'Body: ', ...typeOf(body.schema)) : undefined,
    body ? fieldTable(fieldsOf(body.schema, all)) : undefined,
    shown(curl), make('ul', {}, ...answers));
}

function drawRest(api) {
  const all = api.components?.schemas ?? {};
  for (const [path, item] of Object.entries(api.paths)) {
    for (const verb of ['get', 'put', 'post', 'delete', 'patch']) {
      if (item[verb]) document.querySelector('#rest').append(operation(path, verb, item[verb], item.parameters ?? [], all));
    }
  }
}

function drawSocket(api) {
  const { messages, schemas } = api.components;
  for (const [section, way] of [['#taken', 'receive'], ['#sent', 'send']]) {
    for (const { $ref } of api.operations[way].messages) {
      const message = messages[nameOf($ref)];
      const parts = message.payload.oneOf ?? [message.payload];
      const tables = parts.map((part) => fieldTable(fieldsOf(part, schemas)));
      document.querySelector(section).append(
        entry([make('code', {}, message.name)], message.summary ?? message.payload.description, '', ...tables));
    }
  }
}

function drawTypes(all) {
  for (const [name, schema] of Object.entries(all).sort(([one], [other]) => one.localeCompare(other))) {
    const fields = fieldTable(fieldsOf(schema, all));
    const plain = fields ? undefined : make('p', {}, ...typeOf(schema));
    const example = schema.example ? shown(schema.example) : undefined;
    document.querySelector('#types').append(entry([make('code', {}, name)], schema.description, `type-${name}`, plain, fields, example));
  }
}

/** Opens what the address names: a closed one would show nothing. */
function open() {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.tagName === 'DETAILS') named.open = true;
}

function filter({ target }) {
  const words = target.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
  for (const details of document.querySelectorAll('details')) {
    details.hidden = !words.every((word) => details.dataset.words.includes(word));
  }
  document.querySelector('#nothing').textContent = document.querySelector('details:not([hidden])') ? '' : 'Nothing is described in these words.';
}

async function load(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

try {
  const [rest, socket] = await Promise.all([load('openapi.json'), load('asyncapi.json')]);
  drawRest(rest);
  drawSocket(socket);
  drawTypes({ ...rest.components?.schemas, ...socket.components.schemas });
  document.querySelector('#filter').addEventListener('input', filter);
  window.addEventListener('hashchange', open);
  open();
  document.documentElement.dataset.drawn = 'yes';
} catch (error) {
  const trouble = document.querySelector('#trouble');
  trouble.textContent = `The descriptions can't be shown: ${error.message}`;
  trouble.hidden = false;
}
