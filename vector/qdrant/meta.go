package qdrant

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// encodeMeta writes metadata as JSON, each field as a list of the name of its type and
// its values.
func encodeMeta(m vector.Meta) (string, error) {
	if len(m) == 0 {
		return "", nil
	}
	all := make(map[string][]string, len(m))
	for field, v := range m {
		words := []string{fmt.Sprintf("%T", v)}
		switch v := v.(type) {
		case []string:
			words = append(words, v...)
		case time.Time:
			_, zone := v.Zone()
			words = append(words, strconv.FormatInt(v.Unix(), 10), strconv.Itoa(v.Nanosecond()), strconv.Itoa(zone))
		default:
			words = append(words, fmt.Sprint(v)) // of a float, the shortest that is read as it
		}
		for _, w := range append(words, field) {
			if err := checkText(w); err != nil {
				return "", fmt.Errorf("meta: %w", err)
			}
		}
		all[field] = words
	}
	b, err := json.Marshal(all)
	return string(b), err
}

// decodeMeta reads what encodeMeta wrote.
func decodeMeta(s string) (vector.Meta, error) {
	if s == "" {
		return nil, nil
	}
	var all map[string][]string
	if err := json.Unmarshal([]byte(s), &all); err != nil {
		return nil, fmt.Errorf("meta of a point: %v: %w", err, quintet.ErrInput)
	}
	m := make(vector.Meta, len(all))
	for field, words := range all {
		v, err := decodeValue(words)
		if err != nil {
			return nil, fmt.Errorf("meta %q of a point: %v: %w", field, err, quintet.ErrInput)
		}
		m[field] = v
	}
	return m, nil
}

func decodeValue(words []string) (any, error) {
	if len(words) == 0 {
		return nil, errors.New("no type")
	}
	kind, values := words[0], words[1:]
	switch {
	case kind == "[]string":
		return values, nil
	case kind == "time.Time" && len(values) == 3:
		return decodeTime(values)
	case len(values) != 1:
		return nil, fmt.Errorf("%d values of type %s", len(values), kind)
	}
	switch kind {
	case "string":
		return values[0], nil
	case "bool":
		return strconv.ParseBool(values[0])
	case "float64":
		return strconv.ParseFloat(values[0], 64)
	case "float32":
		f, err := strconv.ParseFloat(values[0], 32)
		return float32(f), err
	}
	return decodeInteger(kind, values[0])
}

func decodeTime(values []string) (any, error) {
	var n [3]int64
	for i, s := range values {
		var err error
		if n[i], err = strconv.ParseInt(s, 10, 64); err != nil {
			return nil, err
		}
	}
	at := time.Unix(n[0], n[1]).UTC()
	if n[2] != 0 {
		at = at.In(time.FixedZone("", int(n[2])))
	}
	return at, nil
}

func decodeInteger(kind, s string) (any, error) {
	zero, ok := map[string]any{
		"int": 0, "int8": int8(0), "int16": int16(0), "int32": int32(0), "int64": int64(0),
		"uint": uint(0), "uint8": uint8(0), "uint16": uint16(0), "uint32": uint32(0), "uint64": uint64(0),
	}[kind]
	if !ok {
		return nil, fmt.Errorf("unknown type %q", kind)
	}
	v := reflect.New(reflect.TypeOf(zero)).Elem()
	if v.CanUint() {
		u, err := strconv.ParseUint(s, 10, v.Type().Bits())
		v.SetUint(u)
		return v.Interface(), err
	}
	i, err := strconv.ParseInt(s, 10, v.Type().Bits())
	v.SetInt(i)
	return v.Interface(), err
}
