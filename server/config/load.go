package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/quintet-ai/quintet"
)

// LoadOptions says what [Load] reads. The zero value gives the defaults.
type LoadOptions struct {
	// File is the path of a YAML file. Default: none.
	File string

	// Environ are variables as NAME=value, such as os.Environ(); of several of one
	// name the last counts. Default: none.
	Environ []string
}

const (
	maxFile   = 256 << 10
	maxSecret = 64 << 10
)

// Load reads the settings and validates them. What is wrong with settings is
// [quintet.ErrOption], several errors joined, each with the line or the variable.
func Load(o LoadOptions) (Config, error) {
	values := settings{environ: environment(o.Environ), raw: make(map[string]string), from: make(map[string]string)}
	if o.File != "" {
		body, err := readFile(o.File, maxFile)
		if err != nil {
			return Config{}, err
		}
		if err := values.file(o.File, body); err != nil {
			return Config{}, err
		}
	}
	if err := values.variables(); err != nil {
		return Config{}, err
	}
	c, err := values.parse()
	if err != nil {
		return Config{}, err
	}
	return c, c.Validate()
}

// settings are what was read, by the name of the variable.
type settings struct {
	environ map[string]string
	raw     map[string]string // values that are not the default
	from    map[string]string // where each came from
}

func environment(list []string) map[string]string {
	out := make(map[string]string, len(list))
	for _, kv := range list {
		if k, v, ok := strings.Cut(kv, "="); ok {
			out[k] = v
		}
	}
	return out
}

// variables takes what the environment sets. An empty variable sets nothing.
func (s *settings) variables() error {
	for _, set := range Settings() {
		if v := s.environ[set.Env]; v != "" {
			s.raw[set.Env], s.from[set.Env] = v, set.Env
		}
		path := s.environ[set.Env+"_FILE"]
		if set.Type != "secret" || path == "" {
			continue
		}
		if s.environ[set.Env] != "" {
			return fmt.Errorf("%s and %[1]s_FILE are both set: %w", set.Env, quintet.ErrOption)
		}
		body, err := readFile(path, maxSecret)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", set.Env, err)
		}
		text := strings.TrimSuffix(strings.TrimSuffix(string(body), "\n"), "\r")
		if text == "" {
			return fmt.Errorf("%s_FILE: the file is empty: %w", set.Env, quintet.ErrOption)
		}
		s.raw[set.Env], s.from[set.Env] = text, set.Env+"_FILE"
	}
	return nil
}

func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%s has more than %d bytes: %w", path, limit, quintet.ErrOption)
	}
	return body, nil
}

// parse makes the typed settings. The names of fields are looked up by section, since
// errors of package env name no more than the field.
func (s *settings) parse() (Config, error) {
	var c Config
	var bad []error
	options := env.Options{Environment: s.raw, FuncMap: parsers()}
	for i, section := range fieldsOf(reflect.ValueOf(&c).Elem()) {
		err := env.ParseWithOptions(section.Addr().Interface(), options)
		if err == nil {
			continue
		}
		var all env.AggregateError
		if !errors.As(err, &all) {
			return Config{}, fmt.Errorf("section %d: %w", i, err)
		}
		for _, one := range all.Errors {
			bad = append(bad, s.explain(section.Type(), one))
		}
	}
	return c, errors.Join(bad...)
}

func fieldsOf(v reflect.Value) []reflect.Value {
	out := make([]reflect.Value, v.NumField())
	for i := range out {
		out[i] = v.Field(i)
	}
	return out
}

// explain says where a value that cannot be parsed stands.
func (s *settings) explain(section reflect.Type, err error) error {
	var p env.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%w: %w", err, quintet.ErrOption)
	}
	f, _ := section.FieldByName(p.Name)
	var number *strconv.NumError
	if why := p.Err; errors.As(why, &number) {
		p.Err = fmt.Errorf("%q is no %s", number.Num, typeName(f.Type))
	}
	if errors.Is(p.Err, quintet.ErrOption) {
		return fmt.Errorf("%s: %w", s.from[f.Tag.Get("env")], p.Err)
	}
	return fmt.Errorf("%s: %w: %w", s.from[f.Tag.Get("env")], p.Err, quintet.ErrOption)
}

// parsers read the types that package env reads in another way.
func parsers() map[reflect.Type]env.ParserFunc {
	return map[reflect.Type]env.ParserFunc{
		reflect.TypeFor[time.Duration]():  func(v string) (any, error) { return duration(v) },
		reflect.TypeFor[[]string]():       func(v string) (any, error) { return list(v) },
		reflect.TypeFor[[]netip.Prefix](): func(v string) (any, error) { return networks(v) },
	}
}

func duration(v string) (time.Duration, error) {
	if sec, err := strconv.ParseInt(v, 10, 32); err == nil {
		return time.Duration(sec) * time.Second, nil
	}
	d, err := time.ParseDuration(v)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration, want seconds or such as 1m30s: %w", v, quintet.ErrOption)
	}
	return d, nil
}

// list splits at commas, or takes a JSON array.
func list(v string) ([]string, error) {
	if strings.HasPrefix(strings.TrimSpace(v), "[") {
		var out []string
		if err := json.Unmarshal([]byte(v), &out); err != nil {
			return nil, fmt.Errorf("list is no JSON array of texts: %w", quintet.ErrOption)
		}
		return out, nil
	}
	out := strings.Split(v, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out, nil
}

// networks takes prefixes, and addresses for prefixes that hold only them.
func networks(v string) ([]netip.Prefix, error) {
	texts, err := list(v)
	out := make([]netip.Prefix, 0, len(texts))
	for _, t := range texts {
		p, perr := netip.ParsePrefix(t)
		if a, aerr := netip.ParseAddr(t); aerr == nil {
			p, perr = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if perr != nil {
			return nil, fmt.Errorf("%q is no network: %w", t, quintet.ErrOption)
		}
		out = append(out, p)
	}
	return out, err
}
