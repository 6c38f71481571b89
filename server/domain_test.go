package server_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server"
)

func TestOperationsOfPicturesAndGraphsByName(t *testing.T) {
	s := serve(t, full(t), server.Options{NoRate: true})
	data := base64.StdEncoding.EncodeToString(picture(t))
	for name, c := range map[string]struct {
		path, body string
		want       int
		answer     string // of a refusal
	}{
		"by their other names":   {"image", `["colours","HASHES"]`, 200, ""},
		"all that need no model": {"image", `["all"]`, 200, ""},
		"one without its model":  {"image", `["object_detection"]`, 400, "tasks objects without their options"},
		"an unknown one":         {"image", `["rotate"]`, 400, "want all or some of properties,hashes,"},
		"of a graph":             {"graph", `["pagerank","communities","anomalies"]`, 200, ""},
		"unknown of a graph":     {"graph", `["beans"]`, 400, "want all or some of stats,components,"},
	} {
		body := fmt.Sprintf(`{"data":%q,"operations":%s}`, data, c.body)
		if c.path == "graph" {
			body = fmt.Sprintf(`{"edges":[{"from":"a","to":"b"},{"from":"b","to":"c"}],"operations":%s}`, c.body)
		}
		w := ask(s, "POST", "/api/v1/"+c.path+"/process", body)
		require.Equal(t, c.want, w.Code, "%s: %s", name, w.Body)
		if c.answer != "" {
			var p server.Problem
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
			require.Equal(t, "option", p.Code, name)
			require.Contains(t, p.Detail, c.answer, name)
		}
	}
}
