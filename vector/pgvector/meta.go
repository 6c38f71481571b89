package pgvector

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// Metadata is a jsonb object, with numbers as they are, lists as arrays and times as
// objects of seconds since 1970 and of the zone's offset. A second object names the
// types of numbers that are not float64.

// timeObject is a time in metadata.
type timeObject struct {
	Unix json.Number `json:"unix"` // seconds since 1970, exactly
	Zone int         `json:"zone"` // seconds east of UTC
}

// encodeMeta returns metadata and the types of its numbers as JSON; types is nil if
// all are float64.
func encodeMeta(m vector.Meta) (meta string, types any, err error) {
	if len(m) == 0 {
		return "{}", nil, nil
	}
	values, kinds := make(map[string]any, len(m)), map[string]string{}
	for field, v := range m {
		if !isText(field) {
			return "", nil, fmt.Errorf("meta %q is not UTF-8 or has a zero byte: %w", field, quintet.ErrInput)
		}
		kind := ""
		if values[field], kind, err = encodeValue(v); err != nil {
			return "", nil, fmt.Errorf("meta %q: %w", field, err)
		}
		if kind != "" {
			kinds[field] = kind
		}
	}
	b, err := json.Marshal(values)
	if err != nil || len(kinds) == 0 {
		return string(b), nil, err
	}
	k, err := json.Marshal(kinds)
	return string(b), string(k), err
}

// encodeValue returns what json.Marshal writes for a value, and the name of its type
// if that does not tell.
func encodeValue(v any) (out any, kind string, err error) {
	switch v := v.(type) {
	case string:
		return v, "", checkText(v)
	case []string:
		for _, s := range v {
			if err := checkText(s); err != nil {
				return nil, "", err
			}
		}
		return v, "", nil
	case bool:
		return v, "", nil
	case time.Time:
		_, zone := v.Zone()
		return timeObject{seconds(v), zone}, "", nil
	case float64:
		return number(v), "", nil
	case float32:
		return number(float64(v)), "float32", nil
	}
	return v, fmt.Sprintf("%T", v), nil // an integer: Rules have checked the types
}

func checkText(s string) error {
	if !isText(s) {
		return fmt.Errorf("%q is not UTF-8 or has a zero byte: %w", s, quintet.ErrInput)
	}
	return nil
}

// number returns a decimal number that compares with others of floats and of integers
// as f does: exactly up to where integers end, else the shortest that is read as f.
// Infinity is larger than any float64.
func number(f float64) json.Number {
	switch {
	case math.IsInf(f, 1):
		return "1e400"
	case math.IsInf(f, -1):
		return "-1e400"
	case f == math.Trunc(f) && math.Abs(f) <= 1<<64:
		return json.Number(strconv.FormatFloat(f+0, 'f', 0, 64))
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}

// seconds returns how long after 1970 a time is, exactly.
func seconds(t time.Time) json.Number {
	s, n, sign := t.Unix(), t.Nanosecond(), ""
	if s < 0 {
		sign, s = "-", -s
		if n > 0 {
			s, n = s-1, 1e9-n
		}
	}
	return json.Number(fmt.Sprintf("%s%d.%09d", sign, s, n))
}

// decodeMeta reads what encodeMeta wrote.
func decodeMeta(meta, types []byte) (vector.Meta, error) {
	if len(meta) <= len("{}") {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(meta))
	d.UseNumber()
	var values map[string]any
	if err := d.Decode(&values); err != nil {
		return nil, fmt.Errorf("meta of a row: %v: %w", err, quintet.ErrInput)
	}
	var kinds map[string]string
	if len(types) > 0 {
		if err := json.Unmarshal(types, &kinds); err != nil {
			return nil, fmt.Errorf("types of a row: %v: %w", err, quintet.ErrInput)
		}
	}
	out := make(vector.Meta, len(values))
	for field, v := range values {
		x, err := decodeValue(v, kinds[field])
		if err != nil {
			return nil, fmt.Errorf("meta %q of a row: %w: %w", field, err, quintet.ErrInput)
		}
		out[field] = x
	}
	return out, nil
}

func decodeValue(v any, kind string) (any, error) {
	switch v := v.(type) {
	case string, bool:
		return v, nil
	case json.Number:
		return decodeNumber(string(v), kind)
	case []any:
		list := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, fmt.Errorf("a list has a %T", e)
			}
			list[i] = s
		}
		return list, nil
	case map[string]any:
		return decodeTime(v)
	}
	return nil, fmt.Errorf("its type is %T", v)
}

func decodeNumber(s, kind string) (any, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // which is infinity
		return nil, err
	}
	switch kind {
	case "":
		return f, nil
	case "float32":
		return float32(f), nil
	}
	if strings.HasPrefix(kind, "uint") {
		return decodeUint(s, kind)
	}
	return decodeInt(s, kind)
}

func decodeInt(s, kind string) (any, error) {
	bits, _ := strconv.Atoi(strings.TrimPrefix(kind, "int"))
	i, err := strconv.ParseInt(s, 10, bits) // 0 bits are those of int
	if err != nil {
		return nil, err
	}
	switch kind {
	case "int":
		return int(i), nil
	case "int8":
		return int8(i), nil
	case "int16":
		return int16(i), nil
	case "int32":
		return int32(i), nil
	case "int64":
		return i, nil
	}
	return nil, fmt.Errorf("unknown type %q", kind)
}

func decodeUint(s, kind string) (any, error) {
	bits, _ := strconv.Atoi(strings.TrimPrefix(kind, "uint"))
	u, err := strconv.ParseUint(s, 10, bits)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "uint":
		return uint(u), nil
	case "uint8":
		return uint8(u), nil
	case "uint16":
		return uint16(u), nil
	case "uint32":
		return uint32(u), nil
	case "uint64":
		return u, nil
	}
	return nil, fmt.Errorf("unknown type %q", kind)
}

func decodeTime(v map[string]any) (any, error) {
	unix, ok := v["unix"].(json.Number)
	if !ok {
		return nil, errors.New("an object that is no time")
	}
	whole, part, _ := strings.Cut(string(unix), ".")
	s, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt((part + "000000000")[:9], 10, 64)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(whole, "-") {
		n = -n
	}
	at := time.Unix(s, n).UTC()
	if zone, ok := v["zone"].(json.Number); ok && zone != "0" {
		z, err := strconv.Atoi(string(zone))
		if err != nil {
			return nil, err
		}
		at = at.In(time.FixedZone("", z))
	}
	return at, nil
}
