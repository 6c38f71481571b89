package vault_test

import (
	"strings"
	"testing"

	"github.com/quintet-ai/quintet/server/config/vault"
)

func FuzzEnviron(f *testing.F) {
	f.Add("plain $$ ${X:-y}", "v")
	f.Add("${env:B}${env:B}", "${env:A}")
	f.Add("${file:/not}${vault:a/b#c}", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		r, err := vault.New(vault.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(a, "${file:/") { // what is on this machine is not of interest
			t.Skip()
		}
		out, err := r.Environ(t.Context(), []string{"A=" + a, "B=x${" + b})
		switch {
		case err != nil && out != nil:
			t.Fatal("variables and an error")
		case err == nil && !strings.Contains(a, "${env:") && !strings.Contains(a, "${file:") && !strings.Contains(a, "${vault:") && out[0] != "A="+a:
			t.Fatalf("%q became %q without a reference", a, out[0])
		case err == nil && a == "${env:B}" && out[0] != "A=x${"+b:
			t.Fatalf("%q is not as it was: %q", b, out[0])
		}
	})
}
