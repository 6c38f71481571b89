package deploytest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet/server/config"
)

// composed is the graph of containers, with variables as of an empty environment.
func composed(t *testing.T) *types.Project {
	t.Helper()
	dir, err := filepath.Abs(deployment)
	require.NoError(t, err)
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  dir,
		ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "docker-compose.advanced.yml")}},
		Environment: types.Mapping{},
	}, func(o *loader.Options) { o.SetProjectName("quintet", true) })
	require.NoError(t, err)
	return p
}

func TestComposeLoadsWithEveryPart(t *testing.T) {
	p := composed(t)
	require.ElementsMatch(t, []string{
		"api-1", "api-2", "worker", "monitoring", "redis", "postgres", "prometheus", "alertmanager", "grafana", "nginx",
	}, p.ServiceNames())
	known := map[string]bool{"SSL_CERT_FILE": true}
	for _, s := range config.Settings() {
		known[s.Env] = true
	}
	for _, name := range []string{"api-1", "api-2", "worker", "monitoring"} {
		s := p.Services[name]
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		require.NotNil(t, s.Deploy.Resources.Limits, name)
		for key := range s.Environment {
			require.True(t, known[strings.TrimSuffix(key, "_FILE")] || known[key], "%s: no setting %s", name, key)
		}
	}
	for name, s := range p.Services {
		require.False(t, s.Privileged, name)
		if s.Build == nil {
			_, version, ok := strings.Cut(s.Image, ":")
			require.True(t, ok && version != "latest", "%s: %s has no version", name, s.Image)
		}
		if name != "nginx" {
			for _, port := range s.Ports {
				require.Equal(t, "127.0.0.1", port.HostIP, "%s is reached from outside", name)
			}
		}
	}
}

// The files that are mounted are there, or prepare.sh makes them.
func TestComposeMountsFilesThatAreThere(t *testing.T) {
	made := prepared(t)
	p := composed(t)
	there := func(path string) {
		rel, err := filepath.Rel(p.WorkingDir, path)
		require.NoError(t, err)
		if _, err := os.Stat(path); err != nil || strings.HasPrefix(rel, "secrets/") || strings.HasPrefix(rel, "tls/") {
			_, err = os.Stat(filepath.Join(made, rel))
			require.NoError(t, err, rel)
		}
	}
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				there(v.Source)
			}
		}
	}
	for _, s := range p.Secrets {
		there(s.File)
	}
}
