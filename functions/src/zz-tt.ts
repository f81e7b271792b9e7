import { createClient } from '/work/main/functions/src/client.ts';
const { api } = createClient({ baseUrl: '', token: () => '' });
const r = await api.v1.tasks[':task'].events.$get({ param: { task: 'x' }, query: {}, header: {} });
if (r.status === 200) { const p = await r.json(); p.over satisfies boolean; p.events[0]?.cursor satisfies string | undefined; }
if (r.status === 404) { const p = await r.json(); p.code satisfies string; }
const t = await api.v1.tasks.$post({ json: { title: 'x' }, header: {} });
if (t.status === 202) { const task = await t.json(); task.calls[0]?.costNanoUsd satisfies string | null | undefined; task.state satisfies string }
