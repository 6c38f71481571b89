package docs_test

import (
	"net/netip"

	"github.com/quintet-ai/quintet/server"
	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
	"github.com/quintet-ai/quintet/text"
)

func Example_securityServer() {
	var programs, tokens auth.Authenticator
	var keys [32]byte
	log, err := audit.Open("/var/lib/app/audit", audit.Options{Key: keys[:]})
	check(err)
	s, err := server.New(server.Pipelines{Text: &text.Options{}}, server.Options{
		Production: true,
		Auth:       auth.Chain(programs, tokens), // the first that finds credentials decides
		Policy:     auth.Policy{"reader": {"text:process", "vector:search"}},
		Origins:    []string{"https://app.example.org"},
		Proxies:    []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Audit:      log,
	})
	check(err)
	check(s.Run(ctx, server.Listen{}))
}
