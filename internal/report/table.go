package report

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// table prints results under each other.
type table struct{ name, peer, goal int } // widths of columns

func newTable(figures []Figure) (t table) {
	for _, f := range figures {
		t.name = max(t.name, len(f.Name))
		t.peer = max(t.peer, len(orDash(f.Peer)))
		t.goal = max(t.goal, len(f.Goal.String()))
	}
	return t
}

func (t table) header(w io.Writer, m Machine, rounds int) error {
	_, err := fmt.Fprintf(w, `# %s, commit %s
# %s, %d cores, %s, %s, load %s
# %s, median of %d rounds [range]
`,
		m.Date.Format(time.RFC3339), orDash(m.Commit),
		orDash(m.CPU), m.Cores, m.System, m.Go, orDash(m.Load),
		m.Clock, rounds)
	return err
}

func (t table) line(w io.Writer, r Result) error {
	value, tail := "-", "("+oneLine(r.Reason)+")"
	if r.Status != Skipped && r.Status != Failed {
		value, tail = number(r.Value)+r.Unit, ""
		if r.Rounds > 1 {
			tail = fmt.Sprintf("  [%s-%s]", number(r.Low), number(r.High))
		}
	}
	if r.Note != "" {
		tail += "  " + oneLine(r.Note)
	}
	_, err := fmt.Fprintf(w, "%-*s %9s %-*s goal %-*s %s%s\n",
		t.name, r.Name, value, t.peer, orDash(r.Peer), t.goal, Goal{r.Goal, r.Sense}, r.Status, tail)
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// oneLine keeps a reason of many lines, such as a compiler's, on its line.
func oneLine(s string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if rest != "" {
		first += " ..."
	}
	return first
}
