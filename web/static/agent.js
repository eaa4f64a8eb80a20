// Second Seal: the officer's page hands the opened list to the signing program on the officer's own computer.
// Asked on a click, never on load (the browser then asks the person). The PIN never passes through here.
(() => {
  'use strict';
  const box = document.querySelector('[data-agent]');
  if (!box) return;
  const { agent, approval, ticket, service, watch } = box.dataset;
  const PROTOCOL = 1;
  // The ticket stands on this answer alone: a reload shows the watching page, not a form to send again.
  history.replaceState(null, '', watch);

  const show = name => { for (const one of document.querySelectorAll('[data-trouble]')) one.hidden = one.dataset.trouble !== name; };
  const pin = document.querySelector('[data-pin]');
  const trouble = (name, text = '') => {
    show(name);
    if (name === 'said') document.querySelector('[data-said]').textContent = text;
    pin.hidden = true; box.hidden = false;
    document.querySelector(`[data-trouble=${name}]`)?.scrollIntoView({ block: 'nearest' });
  };
  const denied = async () => {
    for (const name of ['loopback-network', 'local-network-access']) {
      try { if ((await navigator.permissions.query({ name })).state === 'denied') return true; } catch { /* unknown name */ }
    }
    return false;
  };
  const ask = (path, options = {}) => fetch(agent + path, { mode: 'cors', credentials: 'omit', cache: 'no-store', ...options });
  const said = async answer => { try { const p = await answer.json(); return p.detail || p.title || ''; } catch { return ''; } };

  let watching = false;
  const follow = async () => {
    if (!watching) return;
    try {
      const answer = await ask(`/jobs/${encodeURIComponent(approval)}`);
      if (answer.ok) {
        const job = await answer.json();
        pin.hidden = job.state !== 'asking' && job.state !== 'waiting' && job.state !== 'preparing';
        if (job.state === 'failed') { watching = false; trouble('said', job.problem?.detail || job.problem?.title || ''); return; }
        if (job.state === 'done') { watching = false; pin.hidden = true; return; }
      }
    } catch { /* the program may be restarting; the service's own page still moves */ }
    if (watching) setTimeout(follow, 1000);
  };

  const connect = async () => {
    show('');
    try {
      const hello = await ask('/info');
      const info = await hello.json();
      if (info.protocol !== PROTOCOL) { trouble('agent_old'); return; }
      if (info.problem) { trouble('said', info.problem.detail || info.problem.title); return; }
      const answer = await ask('/jobs', {
        method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ approval_id: approval, ticket, service }),
      });
      if (!answer.ok) { trouble('said', await said(answer)); return; }
    } catch { trouble(await denied() ? 'agent_denied' : 'agent_away'); return; }
    box.hidden = true; pin.hidden = false; watching = true;
    follow();
  };
  for (const button of document.querySelectorAll('[data-connect]')) button.addEventListener('click', connect);
  addEventListener('batchmoved', e => {
    if (e.detail.done > 0) pin.hidden = true;
    if (e.detail.state === 'done') watching = false; // the service knows the end: the program need not be asked again
  });
})();
