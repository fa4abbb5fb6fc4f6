/**
 * The script of a page of a directory: uploads dropped or chosen files one after another, each as a PUT, and shows the progress.
 * Without scripts, the form sends the same files as one POST.
 */
export const PAGE_SCRIPT = `
'use strict';
const form = document.querySelector('form');
const input = form.querySelector('input[type=file]');
const list = form.querySelector('ul');
let running = false;

function put(file, item) {
  return new Promise((resolve) => {
    const bar = document.createElement('progress');
    const request = new XMLHttpRequest();
    const fail = (reason) => {
      item.className = 'bad';
      item.textContent = file.name + ': ' + reason;
      resolve(false);
    };
    item.append(bar);
    bar.max = file.size || 1;
    request.upload.onprogress = (event) => { bar.value = event.loaded; };
    request.onload = () => {
      if (request.status < 300) { bar.value = bar.max; return resolve(true); }
      fail(request.status === 412 ? 'A file with this name exists.' : request.responseText.trim());
    };
    request.onerror = () => fail('The connection was lost, or the file cannot be read.');
    request.open('PUT', encodeURIComponent(file.name));
    request.setRequestHeader('Accept', 'text/plain');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    if (!form.elements.overwrite.checked) request.setRequestHeader('If-None-Match', '*');
    request.send(file);
  });
}

async function putAll(files) {
  if (running || files.length === 0) return;
  running = true;
  list.replaceChildren();
  const items = files.map((file) => {
    const item = document.createElement('li');
    item.textContent = file.name;
    list.append(item);
    return item;
  });
  let failed = 0;
  for (const [index, file] of files.entries()) if (!(await put(file, items[index]))) failed += 1;
  running = false;
  input.value = '';
  if (failed === 0) location.reload();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  putAll([...input.files]);
});
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  form.className = 'over';
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) form.className = '';
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  form.className = '';
  putAll([...event.dataTransfer.files]);
});
`;
