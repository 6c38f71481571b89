package audit_test

import (
	"fmt"
	"os"
	"time"

	"github.com/quintet-ai/quintet/server/audit"
	"github.com/quintet-ai/quintet/server/auth"
)

func Example() {
	dir, err := os.MkdirTemp("", "audit")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	key := []byte("32 bytes from a random source ..")
	log, err := audit.Open(dir, audit.Options{Key: key})
	if err != nil {
		panic(err)
	}
	ann := auth.Principal{Subject: "ann"}
	log.Audit(audit.Event{At: time.Unix(0, 0), Principal: ann, Route: "POST /api/v1/vector/delete", Status: 200})
	log.Audit(audit.Event{At: time.Unix(1, 0), Route: "GET /metrics", Status: 401})
	if err := log.Close(); err != nil {
		panic(err)
	}

	report, err := audit.Verify(dir, audit.VerifyOptions{Key: key, Head: log.Head()})
	fmt.Println(report.Records, err)
	for r, err := range audit.Export(dir, ann, audit.ExportOptions{}) {
		fmt.Println(r.Seq, r.Event.Route, err)
	}
	// Output:
	// 2 <nil>
	// 1 POST /api/v1/vector/delete <nil>
}
