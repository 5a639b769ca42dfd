import type { Attributes, Context, Span } from '@opentelemetry/api';
import { currentCorrelation, parseTraceparent } from './correlation.js';
import type { Correlation } from './correlation.js';
import { createOtlpSender } from './otlp-sender.js';
import type { SpanStart, Tracing } from './tracing.js';

export interface OtlpOptions {
  /** Base of an OTLP/HTTP receiver, such as http://127.0.0.1:4318; spans go to /v1/traces below it, as JSON. */
  readonly endpoint: string;
  readonly service: string;
  /** Of the resource: which member and process this is. */
  readonly attributes: Readonly<Record<string, string>>;
  /** How long spans are gathered, in milliseconds; default five seconds. */
  readonly everyMs?: number;
}

const EXPORT_TIMEOUT_MS = 5000;
const MOST_WAITING = 4096;

/**
 * Spans for an OTLP receiver. The packages are loaded here and nowhere else. A receiver that does not answer costs nothing but the spans: so many wait at most, and what is
 * beyond is dropped.
 */
export async function startOtlpTracing({ endpoint, service, attributes, everyMs = 5000 }: OtlpOptions): Promise<Tracing> {
  const [api, { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator }, { resourceFromAttributes }, { JsonTraceSerializer }] = await Promise.all([
    import('@opentelemetry/api'), import('@opentelemetry/sdk-trace-base'), import('@opentelemetry/resources'), import('@opentelemetry/otlp-transformer'),
  ]);
  const sender = createOtlpSender({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, serialize: (spans) => JsonTraceSerializer.serializeRequest(spans) });
  const random = new RandomIdGenerator();
  let traceIdWanted: string | undefined;
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, ...attributes }),
    spanProcessors: [new BatchSpanProcessor(sender, { maxQueueSize: MOST_WAITING, scheduledDelayMillis: everyMs, exportTimeoutMillis: EXPORT_TIMEOUT_MS })],
    idGenerator: { generateTraceId: () => traceIdWanted ?? random.generateTraceId(), generateSpanId: () => random.generateSpanId() },
  });
  const tracer = provider.getTracer('fogbow');
  const kinds = { server: api.SpanKind.SERVER, client: api.SpanKind.CLIENT, internal: api.SpanKind.INTERNAL };
  const contextOf = (correlation: Correlation | undefined, isFirst: boolean | undefined): Context => {
    const parent = parseTraceparent(correlation?.traceparent);
    traceIdWanted = isFirst ? parent?.traceId : undefined;
    if (!parent || isFirst) return api.ROOT_CONTEXT;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId: parent.traceId, spanId: parent.spanId, traceFlags: parent.flags & api.TraceFlags.SAMPLED, isRemote: true });
  };
  const begin = ({ name, kind, attributes: more, isFirst }: SpanStart): { span: Span; correlation: Correlation | undefined } => {
    const before = currentCorrelation();
    const context = contextOf(before, isFirst);
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes: { ...more, ...(before ? { 'fogbow.request_id': before.requestId } : {}) } as Attributes }, context);
    traceIdWanted = undefined;
    const { traceId, spanId, traceFlags } = span.spanContext();
    return { span, correlation: before && { requestId: before.requestId, traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` } };
  };
  return {
    begin(start) {
      const { span, correlation } = begin(start);
      return {
        correlation,
        end(error, more) {
          if (more) span.setAttributes(more as Attributes);
          if (error !== undefined) span.setStatus({ code: api.SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
          span.end();
        },
      };
    },
    stop: () => provider.shutdown().catch(() => undefined),
  };
}
