package deploytest_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

func TestPromtoolTakesTheRules(t *testing.T) {
	promtool := program(t, "promtool", "prometheus")
	for _, args := range [][]string{
		{"check", "config", "prometheus.yml"}, {"check", "rules", "rules.yml"}, {"test", "rules", "rules_test.yml"},
	} {
		c := exec.Command(promtool, args...)
		c.Dir = filepath.Join(deployment, "prometheus")
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

func TestAmtoolTakesTheRoutes(t *testing.T) {
	amtool := program(t, "amtool", "prometheus-alertmanager")
	file := filepath.Join(deployment, "alertmanager/alertmanager.yml")
	out, err := exec.Command(amtool, "check-config", file).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for severity, want := range map[string]string{"critical": "pager,channel", "warning": "channel"} {
		out, err := exec.Command(amtool, "config", "routes", "test", "--config.file="+file, "severity="+severity).Output()
		require.NoError(t, err, "%s", out)
		require.Equal(t, want, strings.TrimSpace(string(out)))
	}
}

// board is what is looked at of a dashboard.
type board struct {
	UID, Title, Description string
	Editable                bool
	Templating              struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ UID string }
		GridPos                  struct{ X, Y, W, H int }
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Targets                  []struct {
			RefID, Expr, LegendFormat string
			Datasource                struct{ UID string }
		}
	}
}

func readBoard(t *testing.T) (b board) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(read(t, "grafana/dashboard.json")), &b))
	return b
}

// These are the rules of grafana/dashboard-linter that concern such a dashboard; its
// module cannot be had everywhere.
func TestDashboardKeepsTheRules(t *testing.T) {
	b := readBoard(t)
	require.NotEmpty(t, b.UID)
	require.False(t, b.Editable)
	var variables []string
	for _, v := range b.Templating.List {
		variables = append(variables, v.Name)
	}
	require.Equal(t, []string{"datasource", "job", "instance"}, variables)
	ids, titles := map[int]bool{}, map[string]bool{}
	cells := map[[2]int]string{}
	for _, p := range b.Panels {
		require.False(t, ids[p.ID], "%s: its number comes twice", p.Title)
		require.False(t, titles[p.Title], "%s: comes twice", p.Title)
		ids[p.ID], titles[p.Title] = true, true
		require.NotEmpty(t, p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Empty(t, cells[at], "%s lies on another panel", p.Title)
				cells[at] = p.Title
			}
		}
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
		if p.Type == "row" {
			continue
		}
		require.NotEmpty(t, p.Description, p.Title)
		require.NotEmpty(t, p.FieldConfig.Defaults.Unit, p.Title)
		require.Equal(t, "${datasource}", p.Datasource.UID, p.Title)
		require.NotEmpty(t, p.Targets, p.Title)
		for _, q := range p.Targets {
			require.Equal(t, "${datasource}", q.Datasource.UID, p.Title)
			for _, selector := range selectors.FindAllString(q.Expr, -1) {
				require.Contains(t, selector, `job=~"$job"`, "%s: %s", p.Title, q.Expr)
				require.Contains(t, selector, `instance=~"$instance"`, "%s: %s", p.Title, q.Expr)
			}
			for _, window := range regexp.MustCompile(`\[[^\]]*\]`).FindAllString(q.Expr, -1) {
				require.Equal(t, "[$__rate_interval]", window, "%s: %s", p.Title, q.Expr)
			}
			if p.Type == "timeseries" {
				require.NotEmpty(t, q.LegendFormat, p.Title)
			}
		}
	}
}

var (
	selectors = regexp.MustCompile(`\{[^}]*\}`)
	metric    = regexp.MustCompile(`\b(?:quintet|process|go|up)(?:[_:][a-z0-9_:]*)?\b`)
)

// metricsAreKnown executes every query that a person or program may make of us.
func metricsAreKnown(t *testing.T, g *graph) {
	known := func() (names []string) {
		resp, err := http.Get(g.prometheus + "/api/v1/label/__name__/values")
		require.NoError(t, err)
		defer resp.Body.Close()
		var answer struct{ Data []string }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer))
		return answer.Data
	}
	queries, recorded := allQueries(t)
	require.Greater(t, len(queries), 50)
	var wanted []string
	for _, q := range queries {
		bare := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(q, `""`)
		wanted = append(wanted, metric.FindAllString(bare, -1)...)
	}
	require.Greater(t, len(wanted), len(queries)-1)
	awaitNone(t, "metrics that no process has", func() (missing []string) {
		have := append(known(), recorded...)
		for _, name := range wanted {
			if !slices.Contains(have, name) && !slices.Contains(missing, name) {
				missing = append(missing, name)
			}
		}
		return missing
	})
	for _, q := range queries {
		_, err := g.query(t, q)
		require.Empty(t, err, q)
	}
	_, err := g.query(t, "sum(")
	require.NotEmpty(t, err, "a query that is none is noticed")
	for expr, want := range map[string]int{`up{job="quintet-api"} == 1`: 2, `up{job="quintet-worker"} == 1`: 2, `up{job="quintet-monitor"} == 1`: 1, `quintet_ready == 1`: 5} {
		await(t, expr, func() bool { n, _ := g.query(t, expr); return n == want })
	}
}

// allQueries are those of the dashboard, the rules and the adapter of the autoscalers,
// and the names that rules record.
func allQueries(t *testing.T) (out, recorded []string) {
	t.Helper()
	fill := strings.NewReplacer("$job", ".+", "$instance", ".+", "$__rate_interval", "30s", "<<.GroupBy>>", "instance", "<<.LabelMatchers>>", `job=~".+"`)
	b := readBoard(t)
	for _, v := range b.Templating.List {
		if expr, ok := strings.CutPrefix(v.Definition, "label_values("); ok {
			out = append(out, fill.Replace(expr[:strings.LastIndex(expr, ",")]))
		}
	}
	for _, p := range b.Panels {
		for _, q := range p.Targets {
			out = append(out, fill.Replace(q.Expr))
		}
	}
	var rules struct {
		Groups []struct {
			Rules []struct{ Record, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "prometheus/rules.yml")), &rules))
	for _, group := range rules.Groups {
		for _, r := range group.Rules {
			out = append(out, r.Expr)
			recorded = append(recorded, r.Record)
		}
	}
	c := objects(t, manifests(t))
	for _, m := range regexp.MustCompile(`metricsQuery: '(.*)'`).FindAllStringSubmatch(c.configs["prometheus-adapter"]["config.yaml"], -1) {
		out = append(out, fill.Replace(m[1]))
	}
	return out, recorded
}
