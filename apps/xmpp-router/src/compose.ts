import express from 'express';
import { Gauge } from 'prom-client';
import { closeServer, createHttpServer, createMetrics, healthRouter, listen } from '@fogbow/service-runtime';
import type { ServiceContext } from '@fogbow/service-runtime';
import { createRouter } from './router-server.js';

export async function compose({ values, log, add }: ServiceContext): Promise<void> {
  const router = createRouter({ components: values['components'] as Record<string, string>, clients: values['clients'] as Record<string, string>, log });
  const port = await router.listen(String(values['listen.host']), Number(values['listen.port']));
  add({ name: 'router', stop: () => router.close() });
  log.info('accepting components', { host: values['listen.host'], port });
  if (values['websocket.port'] !== undefined) {
    const clientPort = await router.listenWebSocket(String(values['listen.host']), Number(values['websocket.port']));
    log.info('accepting clients over WebSocket', { host: values['listen.host'], port: clientPort });
  }

  const metrics = createMetrics('xmpp-router');
  new Gauge({ name: 'fogbow_router_components', help: 'Components and clients that are connected.', registers: [metrics], collect() { this.set(router.present().length); } });
  const http = createHttpServer(express().use(healthRouter({}, metrics)));
  const httpPort = await listen(http, String(values['http.host']), Number(values['http.port']));
  add({ name: 'http', stop: () => closeServer(http) });
  log.info('health and metrics', { port: httpPort });
}
