// Package telemetry shows what the server does: logs, traces and metrics.
//
// It owns the log's format and the ids in it, the tracer and its exporter, the metrics registry, and
// the handler of the admin listener (/metrics, /debug/pprof). It is a leaf: it knows nothing of
// queries or shards but their names. The packages on a query's way declare small observer
// interfaces of plain parameters, and [Telemetry] satisfies them all:
//
//	gateway   Request, OperationStart, OperationEnd, Error, and of the door Answered, Price, Throttled, Uses
//	loaders   BatchStart, BatchEnd, BatchLooked
//	store     StatementStart, StatementEnd
//	feed      FeedState, FeedApplied, FeedFlushed, FeedLag
//
// and [FieldCache] that of the field cache,
//
// so that a trace reads request → operation → batch → statement on a shard. Spans are made only
// where the standard environment names an exporter; without one an observer allocates nothing.
package telemetry
