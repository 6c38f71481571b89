package qdrant

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/vector"
)

// The payload of a point. Values by which filters ask are in objects by their type, so
// that no type is taken for another; what is given back stands in metaField.
const (
	tenantField  = "tenant"
	keyField     = "key"
	textField    = "text"
	metaField    = "meta"    // see encodeMeta
	namesField   = "fields"  // all that the metadata has
	stringsField = "strings" // lists too
	boolsField   = "bools"
	numbersField = "numbers" // as float64
	restsField   = "rests"   // what float64 leaves of an integer, if anything
	timesField   = "times"   // whole seconds since 1970
	nanosField   = "nanos"   // and the rest of them, if anything
)

// keyText writes a key.
func keyText[K vector.Key](k K) (string, error) {
	switch v := reflect.ValueOf(k); v.Kind() {
	case reflect.String:
		return v.String(), checkText(v.String())
	case reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), nil
	default:
		return strconv.FormatInt(v.Int(), 10), nil
	}
}

func parseKey[K vector.Key](s string) (k K, err error) {
	switch v := reflect.ValueOf(&k).Elem(); v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Uint64:
		var u uint64
		u, err = strconv.ParseUint(s, 10, 64)
		v.SetUint(u)
	default:
		var i int64
		i, err = strconv.ParseInt(s, 10, v.Type().Bits())
		v.SetInt(i)
	}
	if err != nil {
		return k, fmt.Errorf("key of a point: %v: %w", err, quintet.ErrInput)
	}
	return k, nil
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%q is not UTF-8: %w", s, quintet.ErrInput)
	}
	return nil
}

// pointID returns the number of an item: a UUID (version 8) of its tenant and key, by
// SHA-256, so that nobody can make two keys of one point.
func pointID(tenant, key string) *pb.PointId {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(tenant)) + " " + tenant + key))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return pb.NewIDUUID(h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:])
}

// fieldName returns a field's name as the path of a filter may have it: as it is if it
// has letters, digits and underscores only, else in hexadecimal digits.
func fieldName(field string) string {
	plain := field != "" && !strings.HasPrefix(field, "hex_")
	for i := 0; i < len(field) && plain; i++ {
		c := field[i]
		plain = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
	}
	if plain {
		return field
	}
	return "hex_" + hex.EncodeToString([]byte(field))
}

// payload returns what is stored beside the vector of a checked item.
func payload[K vector.Key](tenant, key string, it vector.Item[K]) (map[string]*pb.Value, error) {
	meta, err := encodeMeta(it.Meta)
	if err == nil {
		err = checkText(it.Text)
	}
	if err != nil {
		return nil, err
	}
	out := map[string]*pb.Value{
		tenantField: pb.NewValueString(tenant), keyField: pb.NewValueString(key), metaField: pb.NewValueString(meta),
	}
	if it.Text != "" {
		out[textField] = pb.NewValueString(it.Text)
	}
	byType := map[string]map[string]*pb.Value{}
	put := func(kind, name string, v *pb.Value) {
		if byType[kind] == nil {
			byType[kind] = map[string]*pb.Value{}
		}
		byType[kind][name] = v
	}
	var names []*pb.Value
	for field, v := range it.Meta {
		name := fieldName(field)
		names = append(names, pb.NewValueString(name))
		putValue(put, name, v)
	}
	for kind, values := range byType {
		out[kind] = pb.NewValueFromFields(values)
	}
	if names != nil {
		out[namesField] = pb.NewValueFromList(names...)
	}
	return out, nil
}

// putValue puts a value where filters look for it.
func putValue(put func(kind, name string, v *pb.Value), name string, v any) {
	pair := func(high, low string, p number) {
		put(high, name, pb.NewValueDouble(p.high))
		if p.low != 0 {
			put(low, name, pb.NewValueInt(p.low))
		}
	}
	switch v := v.(type) {
	case string:
		put(stringsField, name, pb.NewValueString(v))
	case []string:
		list := make([]*pb.Value, len(v))
		for i, s := range v {
			list[i] = pb.NewValueString(s)
		}
		put(stringsField, name, pb.NewValueFromList(list...))
	case bool:
		put(boolsField, name, pb.NewValueBool(v))
	case time.Time:
		pair(timesField, nanosField, ofTime(v))
	case float64:
		pair(numbersField, restsField, ofFloat(v))
	case float32:
		pair(numbersField, restsField, ofFloat(float64(v)))
	default:
		r := reflect.ValueOf(v)
		if r.CanUint() {
			pair(numbersField, restsField, ofUint(r.Uint()))
		} else {
			pair(numbersField, restsField, ofInt(r.Int()))
		}
	}
}

// number is a value as two numbers that the server compares exactly: a float64 and what
// it leaves of an integer by rounding. Two compare as their high parts do, equal ones as
// their low parts.
type number struct {
	high float64
	low  int64
}

func ofInt(i int64) number {
	high := float64(i)
	if high >= 1<<63 {
		return number{high, i - math.MaxInt64 - 1}
	}
	return number{high, i - int64(high)}
}

func ofUint(u uint64) number {
	high := float64(u)
	if high >= 1<<64 {
		return number{high, int64(u)} // u - 2^64
	}
	return number{high, int64(u - uint64(high))}
}

// ofFloat makes infinity a little more than the largest number, as JSON has none.
func ofFloat(f float64) number {
	if math.IsInf(f, 0) {
		return number{math.Copysign(math.MaxFloat64, f), int64(math.Copysign(1, f))}
	}
	return number{f + 0, 0}
}

func ofTime(t time.Time) number { return number{float64(t.Unix()), int64(t.Nanosecond())} }
