package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Setting describes one setting.
type Setting struct {
	Key     string // place in the file, such as "database.host"
	Env     string // variable, such as "DB_HOST"
	Type    string // text, number, bool, duration, list, networks or secret
	Default string // empty if there is none
	Help    string // what it does
}

// Settings returns all settings in the order of [Config].
func Settings() []Setting {
	var out []Setting
	for section := range reflect.TypeFor[Config]().Fields() {
		name, _, _ := strings.Cut(section.Tag.Get("yaml"), ",")
		for f := range section.Type.Fields() {
			out = append(out, Setting{
				Key:     strings.TrimPrefix(name+"."+f.Tag.Get("yaml"), "."),
				Env:     f.Tag.Get("env"),
				Type:    typeName(f.Type),
				Default: f.Tag.Get("envDefault"),
				Help:    f.Tag.Get("help"),
			})
		}
	}
	return out
}

func typeName(t reflect.Type) string {
	switch name := t.String(); name {
	case "config.Secret":
		return "secret"
	case "time.Duration":
		return "duration"
	case "[]string":
		return "list"
	case "[]netip.Prefix":
		return "networks"
	case "int":
		return "number"
	case "bool":
		return "bool"
	}
	return "text"
}

// Reference returns a Markdown table of all settings, for documentation.
func Reference() string {
	var b strings.Builder
	b.WriteString("| Setting | Variable | Type | Default | What it does |\n|---|---|---|---|---|\n")
	for _, s := range Settings() {
		env := "`" + s.Env + "`"
		if s.Type == "secret" {
			env += ", `" + s.Env + "_FILE`"
		}
		fallback := ""
		if s.Default != "" {
			fallback = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", s.Key, env, s.Type, fallback, s.Help)
	}
	return b.String()
}
