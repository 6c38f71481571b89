// Package server puts pipelines behind HTTP: typed JSON routes, the OpenAI and KServe
// protocols, background jobs, health. It adds transport and what a production service
// asks for around it, and nothing else: decode, call, encode.
//
//	s, err := server.New(server.Pipelines{
//		Text:     &text.Options{},
//		Vision:   &vision.Options{},
//		Embedder: embedder,
//		Vectors:  collection,
//	}, server.Options{Auth: tokens})
//	mux.Handle("/ai/", http.StripPrefix("/ai", s))   // in a mux of your own
//	err = s.Run(ctx, server.Listen{Address: "127.0.0.1:8001"}) // or alone
//
// [Handle] wraps any single pipeline for a mux of one's own, without any of this.
//
// # Routes
//
// What has no pipeline has no route. /openapi.json describes those that there are.
//
//	GET  /                              name, version, what there is
//	GET  /health, /healthz, /readyz     state of all checks; live; ready
//	POST /api/v1/text/process           {"text": …, "operations": ["sentiment", …]}
//	POST /api/v1/image/process          a file, or {"data": base64, "operations": […]}
//	POST /api/v1/audio/process          the same for sound
//	POST /api/v1/graph/process          {"edges": [[from, to, weight?], …]}
//	POST /api/v1/vector/{search,upsert,delete}
//	POST /api/v1/batch/process          many of the above, now or as a job
//	GET, DELETE /api/v1/jobs/…          background jobs of the caller
//	GET  /docs                          page to try the routes, not in production
//	GET, POST /dashboard/…              live figures, alerts
//	GET  /api/v1/system/info            versions, processor, devices
//	POST /api/v1/optimize/performance   measured figures and named actions
//	POST /api/v1/text/stream            a text, an event for each sentence
//	DELETE /api/v1/subjects/{id}        erase what is held of a person
//	GET  /login, … /api/v1/session      people log in for the dashboard
//	POST /v1/audio/transcriptions       and translations, as OpenAI's clients expect
//	POST /v1/embeddings, /v1/rerank     as OpenAI's and Cohere's clients expect
//	GET  /v1/models
//	GET  /v2/…, POST /v2/models/{m}/infer   Open Inference Protocol, for raw tensors
//
// # Errors
//
// The routes under /api answer errors as problems of RFC 9457 with a "code", those
// under /v1 in OpenAI's form, those under /v2 in KServe's. A code is one of [Codes].
// What went wrong inside is logged and not told.
//
// # Safe by default
//
// Without Options.Auth only callers on this machine are served, and not those whose
// request came through a proxy. Every route has a permission that a policy must give.
// Bodies, nesting, time, calls in flight and calls a second are bounded; what is too
// much is refused at once with 413, 429 or 503. Bodies and credentials are never
// logged. No URL that a caller sends is ever fetched.
//
// # Limits
//
// Request bodies are read whole, within MaxBody, before work begins, but for texts of
// text/plain and batches of lines; events of a text begin after 4 KiB of it, or its end.
// Events have no numbers, so a client that lost its connection begins anew. Transcribers
// take neither prompt nor temperature from a request. Token ids of clients are refused
// unless there is a tokenizer of their vocabulary, see Pipelines.Tokens. What a service
// holds of a person beside vectors, jobs and sessions is for Options.Erasers. Rate limits
// hold for one process.
package server
