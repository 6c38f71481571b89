package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/quintet-ai/quintet"
)

// file takes what a YAML file sets.
func (s *settings) file(path string, body []byte) error {
	r := &reader{settings: s, name: filepath.Base(path), known: make(map[string]Setting), sections: make(map[string]bool)}
	for _, set := range Settings() {
		r.known[set.Key] = set
		if section, _, ok := strings.Cut(set.Key, "."); ok {
			r.sections[section] = true
		}
	}
	f, err := parser.ParseBytes(body, 0)
	if err != nil {
		var where yaml.Error
		if errors.As(err, &where) && where.GetToken() != nil { // its text would quote the file, secrets too
			return fmt.Errorf("%s:%d: %s: %w", r.name, where.GetToken().Position.Line, where.GetMessage(), quintet.ErrOption)
		}
		return fmt.Errorf("%s is no YAML: %w", r.name, quintet.ErrOption)
	}
	if len(f.Docs) > 1 {
		return fmt.Errorf("%s has %d documents: %w", r.name, len(f.Docs), quintet.ErrOption)
	}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil {
		return nil
	}
	r.mapping("", f.Docs[0].Body)
	return errors.Join(r.bad...)
}

// reader walks the nodes of a file.
type reader struct {
	*settings
	name     string
	known    map[string]Setting
	sections map[string]bool
	bad      []error
}

func (r *reader) complain(n ast.Node, format string, a ...any) {
	where := fmt.Sprintf("%s:%d: ", r.name, n.GetToken().Position.Line)
	r.bad = append(r.bad, fmt.Errorf(where+format+": %w", append(a, quintet.ErrOption)...))
}

// mapping reads the keys of a section; prefix is its name and a dot.
func (r *reader) mapping(prefix string, n ast.Node) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode, *ast.CommentGroupNode:
	default:
		r.complain(n, "want keys with values for %s", cmp.Or(strings.TrimSuffix(prefix, "."), "the file"))
	}
	seen := make(map[string]bool)
	for _, p := range pairs {
		key, ok := scalar(p.Key)
		key = prefix + key
		switch {
		case !ok || p.Key.IsMergeKey():
			r.complain(p, "want a plain key")
		case seen[key]:
			r.complain(p, "%s is set twice", key)
		case prefix == "" && r.sections[key]:
			r.mapping(key+".", p.Value)
		case r.known[key].Key == "":
			r.complain(p, "no setting %s", key)
		default:
			r.value(r.known[key], p.Value)
		}
		seen[key] = true
	}
}

// value reads the value of a setting.
func (r *reader) value(s Setting, n ast.Node) {
	var text string
	switch n := n.(type) {
	case *ast.NullNode:
		return
	case *ast.SequenceNode:
		if s.Type != "list" && s.Type != "networks" {
			r.complain(n, "%s is a %s, not a list", s.Key, s.Type)
			return
		}
		items := make([]string, 0, len(n.Values))
		for _, v := range n.Values {
			if item, ok := r.expanded(s, v); ok {
				items = append(items, item)
			}
		}
		b, err := json.Marshal(items)
		if err != nil || len(items) == 0 {
			return
		}
		text = string(b)
	default:
		var ok bool
		if text, ok = r.expanded(s, n); !ok {
			return
		}
	}
	r.raw[s.Env] = text
	r.from[s.Env] = fmt.Sprintf("%s:%d: %s", r.name, n.GetToken().Position.Line, s.Key)
}

// expanded is a scalar with its variables.
func (r *reader) expanded(s Setting, n ast.Node) (string, bool) {
	text, ok := scalar(n)
	if !ok {
		r.complain(n, "%s: want a plain %s", s.Key, s.Type)
		return "", false
	}
	text, err := expand(text, r.environ)
	if err != nil {
		r.complain(n, "%s: %w", s.Key, err)
		return "", false
	}
	return text, true
}

// scalar returns the text of a scalar as it was written, without quotes.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

var variable = regexp.MustCompile(`\$(\$|\{[^}]*\}?)?`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces variables, once: what they hold is not expanded again.
func expand(text string, environ map[string]string) (string, error) {
	var err error
	text = variable.ReplaceAllStringFunc(text, func(m string) string {
		if m == "$$" || m == "$" { // a dollar that begins nothing stands for itself
			return "$"
		}
		body, closed := strings.CutSuffix(strings.TrimPrefix(m, "${"), "}")
		name, fallback, has := strings.Cut(body, ":-")
		value, set := environ[name]
		switch {
		case !closed || !variableName.MatchString(name):
			err = errors.New("want ${NAME} or ${NAME:-default}")
		case has && value == "":
			value = fallback
		case !has && !set:
			err = fmt.Errorf("variable %s is not set", name)
		}
		return value
	})
	return text, err
}
