package e2e_test

import (
	"bufio"
	"context"
	"io"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// curl is one that runs: what is written goes into the body of its request, what is read
// is the answer.
type curl struct {
	io.WriteCloser
	*bufio.Reader
	wait func() error
}

func startCurl(t *testing.T, url, kind string) curl {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	c := exec.CommandContext(ctx, program(t, "curl", "curl"), "-sSN", "-X", "POST", "-T", ".", "-H", "Content-Type: "+kind, url)
	in, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { cancel(); _ = c.Wait() }) // it has ended, or ends now
	return curl{in, bufio.NewReader(out), c.Wait}
}

// line reads a line that is not a comment or empty.
func (c curl) line(t *testing.T) string {
	t.Helper()
	for {
		line, err := c.ReadString('\n')
		require.NoError(t, err)
		if line = strings.TrimSpace(line); line != "" && line != ":" {
			return line
		}
	}
}

func TestCurlGetsEventsWhileItSends(t *testing.T) {
	s, _ := service(t)
	web := httptest.NewServer(s)
	defer web.Close()
	c := startCurl(t, web.URL+"/api/v1/text/stream?operations=stats", "text/plain")
	sent := make(chan error, 1)
	go func() { _, err := io.WriteString(c, strings.Repeat("A sentence. ", 1000)); sent <- err }()
	for range 10 {
		require.Equal(t, "event: sentence", c.line(t))
		require.Contains(t, c.line(t), `"words":2`)
	}
	go func() { _, _ = io.Copy(io.Discard, c) }() // else the server waits for its reader
	require.NoError(t, <-sent)
	require.NoError(t, c.Close())
}

func TestCurlGetsALineForEachLine(t *testing.T) {
	s, _ := service(t)
	web := httptest.NewServer(s)
	defer web.Close()
	c := startCurl(t, web.URL+"/api/v1/batch/process?operation_type=text&operations=stats", "application/x-ndjson")
	for _, item := range []string{`"one"`, `{"text":"one two"}`, `{"bad":1}`} {
		_, err := io.WriteString(c, item+"\n")
		require.NoError(t, err)
	}
	require.Contains(t, c.line(t), `"words":1`)
	require.Contains(t, c.line(t), `"words":2`)
	require.Contains(t, c.line(t), `"code":"input"`)
	_, err := io.WriteString(c, "\"a b c\"\n") // after the answers to the others
	require.NoError(t, err)
	require.Contains(t, c.line(t), `{"index":3,"result":{"stats":`)
	require.NoError(t, c.Close())
	_, err = c.ReadByte()
	require.ErrorIs(t, err, io.EOF)
}
