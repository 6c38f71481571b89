package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/audio"
	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/monitor"
	"github.com/quintet-ai/quintet/optimize"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/server/jobs"
	"github.com/quintet-ai/quintet/text"
	"github.com/quintet-ai/quintet/vector"
	"github.com/quintet-ai/quintet/vision"
)

// Pipelines are what a server serves. What is nil has no routes. The server closes
// none of them.
type Pipelines struct {
	// Text, Vision, Audio and Graph configure analysers, whose Tasks are those that a
	// request asks for, by default those of the options. One pipeline is built for each
	// set of tasks that is asked for.
	Text *text.Options

	// Vision is described at Text.
	Vision *vision.Options

	// Audio is described at Text.
	Audio *audio.Options

	// Graph is described at Text.
	Graph *graph.Options

	// Vectors is searched and changed. A request with a text instead of a vector needs
	// the Embedder.
	Vectors vector.Store[string]

	// VectorsOf returns the store of a tenant, such as one of vector.Tenants, in place
	// of Vectors, which all tenants share. It must be quick for a tenant it knows.
	VectorsOf func(ctx context.Context, tenant string) (vector.Store[string], error)

	// Transcriber writes down speech for /v1/audio/transcriptions.
	Transcriber Transcriber

	// TranscriberName is the name of its model for clients. Default: "whisper-1".
	TranscriberName string

	// TranscriberOf returns the transcriber for a language that a request names, such
	// as "de". It must be quick for a language it knows; for others the error wraps
	// quintet.ErrInput. Default: Transcriber, which detects the language.
	TranscriberOf func(language string) (Transcriber, error)

	// Translator writes speech down in English for /v1/audio/translations, such as an
	// audio.Transcriber with Translate.
	Translator Transcriber

	// Embedder makes vectors of texts, /v1/embeddings too.
	Embedder quintet.Pipeline[string, []float32]

	// EmbedderName is the name of its model for clients. Default: "quintet-lexical".
	EmbedderName string

	// Tokens reads the token ids that some clients send in place of texts: those of
	// LangChain are of the vocabulary cl100k_base whatever the model is. Only a tokenizer
	// of that vocabulary makes the right texts of them. Default: such input is refused.
	Tokens TokenDecoder

	// Reranker scores passages for /v1/rerank.
	Reranker quintet.Pipeline[text.Pair, float64]

	// Models are raw models by name for the Open Inference Protocol.
	Models map[string]optimize.Session

	// Jobs holds background jobs: batches with "async", and whatever a Mux of the
	// caller's knows.
	Jobs jobs.Queue

	// Kinds are the kinds of job that a request may add by itself. Default: none.
	Kinds []string
}

// Options configures [New]. The zero value serves callers on this machine.
type Options struct {
	// Auth recognises callers. Default: callers on this machine, as RoleAdmin.
	Auth auth.Authenticator

	// Login lets people log in with a password, which gives the cookie of a session: it
	// adds /login, a page, and /api/v1/session, see auth.Login. The sessions are
	// recognised beside Auth, whose default is then nobody else; a page of the dashboard
	// sends who is not logged in to /login. Its Remote is by Proxies if it is nil.
	// Default: none.
	Login *auth.LoginOptions

	// Policy says what roles may do. Default: auth.DefaultPolicy().
	Policy auth.Policy

	// MaxBody bounds the bytes of a request's body. Default: 1 MiB; 32 MiB for pictures
	// and sounds, vectors and batches.
	MaxBody int64

	// Sound bounds what is decoded of sounds. Default: those of audio.Limits, but no more
	// than 256 MiB of samples, which are an hour of speech at 16 kHz.
	Sound audio.Limits

	// BodyMemory bounds the bytes of all bodies in memory, those that are still coming
	// too; more get 503. Default: 512 MiB, or MaxBody if that is more.
	BodyMemory int64

	// Timeout bounds how long a body may take to come and, after that, how long the
	// work for one request may take; of an answer in pieces, each piece. Default: 60 s.
	Timeout time.Duration

	// InFlight bounds the requests that are worked on at a time; more get 503 at once.
	// Whose body has not come yet, or whose answer is on its way, is not counted.
	// Default: 8 for each processor, at least 16.
	InFlight int

	// Streams bounds the requests that are answered in pieces at a time, which
	// InFlight does not count; more get 503 at once. Default: InFlight.
	Streams int

	// KeepAlive is how often an answer of events without news sends a comment, so that
	// proxies keep it open and a caller who went away is noticed. Default: 15 s.
	KeepAlive time.Duration

	// Rate bounds the requests a second of one caller: of a principal, or of an
	// address without one. A batch counts as many as it has items; one that comes line
	// by line, and a stream of sentences, is worked on no faster. Default: 100.
	Rate float64

	// Burst is how many requests Rate lets through at once. Default: 2·Rate.
	Burst int

	// NoRate turns the bound off.
	NoRate bool

	// MaxBatch bounds the items of a batch. Default: 1,000.
	MaxBatch int

	// Proxies are the addresses that X-Forwarded-For is believed from. Default: none.
	Proxies []netip.Prefix

	// Allow are the addresses that may call at all. Default: all.
	Allow []netip.Prefix

	// Origins may call from a page in a browser, such as "https://app.example.org".
	// "*" is refused together with Production. Default: none.
	Origins []string

	// Production refuses what is fit for development only and hides the explorer.
	Production bool

	// Health is asked by the routes of health. Default: one without checks.
	Health *monitor.Health

	// Metrics answers GET /metrics, such as the handler of an exporter. Default: no
	// such route.
	Metrics http.Handler

	// Dashboard answers /dashboard/. Default: no such route.
	Dashboard http.Handler

	// Observer hears of every request: Pipeline is "http", Op the pattern of its route.
	// Default: nobody.
	Observer quintet.Observer

	// Audit hears of every request that changes something or is refused, with who sent
	// it. Default: nobody.
	Audit Auditor

	// SubjectMeta is the field of an item's metadata that names whom a vector is about:
	// DELETE /api/v1/subjects/{id} removes the items where it is that subject. Default:
	// "subject".
	SubjectMeta string

	// Erasers are asked to erase a person as well, by the names of their parts, such as a
	// cache, which has no subjects and is cleared. One named "vectors", "jobs" or
	// "sessions" takes the place of the server's own.
	Erasers map[string]Eraser

	// Actions are what /api/v1/optimize/performance may be asked to do, by name.
	// Default: "gc", which returns memory to the system.
	Actions map[string]func() error

	// Runtime runs the pipelines and describes the machine. Default:
	// optimize.Default().
	Runtime *optimize.Runtime

	// Logger gets a record for each request and each failure. Default: slog.Default().
	Logger *slog.Logger

	// Version of the service for clients. Default: that of the program's module.
	Version string
}

// Auditor records who did what. It must not block for long.
type Auditor interface {
	// Audit records one request.
	Audit(e AuditEvent)
}

// AuditEvent is one request for an [Auditor], such as an audit.Log.
type AuditEvent = audit.Event

func (o Options) withDefaults() (Options, error) {
	if o.MaxBody < 0 || o.BodyMemory < 0 || o.Timeout < 0 || o.InFlight < 0 || o.Streams < 0 || o.KeepAlive < 0 ||
		!(o.Rate >= 0) || o.Burst < 0 || o.MaxBatch < 0 {
		return o, fmt.Errorf("negative bound of a server: %w", quintet.ErrOption)
	}
	for _, origin := range o.Origins {
		if origin == "*" && o.Production {
			return o, fmt.Errorf("any origin in production: %w", quintet.ErrOption)
		}
	}
	if o.Login != nil {
		if o.Login.Users == nil || o.Login.Sessions == nil {
			return o, fmt.Errorf("login without users or sessions: %w", quintet.ErrOption)
		}
		if o.Auth == nil {
			o.Auth = o.Login.Sessions
		} else {
			o.Auth = auth.Chain(o.Login.Sessions, o.Auth)
		}
	}
	if o.Production && o.Auth == nil {
		return o, fmt.Errorf("no authentication in production: %w", quintet.ErrOption)
	}
	if o.Auth == nil {
		o.Auth = thisMachine
	}
	if o.Policy == nil {
		o.Policy = auth.DefaultPolicy()
	}
	o.Timeout = cmp.Or(o.Timeout, time.Minute)
	o.InFlight = cmp.Or(o.InFlight, inFlight())
	o.SubjectMeta = cmp.Or(o.SubjectMeta, "subject")
	o.Streams = cmp.Or(o.Streams, o.InFlight)
	o.KeepAlive = cmp.Or(o.KeepAlive, 15*time.Second)
	o.Sound.MaxBytes = cmp.Or(o.Sound.MaxBytes, 256<<20)
	o.BodyMemory = cmp.Or(o.BodyMemory, max(512<<20, o.MaxBody))
	o.Rate = cmp.Or(o.Rate, 100)
	o.Burst = cmp.Or(o.Burst, max(1, int(2*o.Rate)))
	o.MaxBatch = cmp.Or(o.MaxBatch, 1000)
	if o.Observer == nil {
		o.Observer = quintet.ObserverFunc(func(quintet.Event) {})
	}
	if o.Runtime == nil {
		o.Runtime = optimize.Default()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	o.Version = cmp.Or(o.Version, moduleVersion())
	return o, nil
}

// thisMachine recognises callers on the loopback interface. A request that a proxy
// passed on is somebody else's, and so is one to another name than this machine's: a
// page whose name was made to lead here (DNS rebinding) is sent by our own browser.
var thisMachine = auth.AuthenticatorFunc(func(r *http.Request) (auth.Principal, error) {
	for _, h := range []string{"X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return auth.Principal{}, auth.ErrNoCredentials
		}
	}
	if !loopbackHost(r.Host) {
		return auth.Principal{}, auth.ErrNoCredentials
	}
	if ip, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !ip.Addr().Unmap().IsLoopback() {
		return auth.Principal{}, auth.ErrNoCredentials
	}
	return auth.Principal{Subject: "local", Roles: []string{auth.RoleAdmin}, Method: "loopback"}, nil
})

// loopbackHost reports whether the host of a request, with or without a port, is
// localhost or a loopback address.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.Unmap().IsLoopback()
}
