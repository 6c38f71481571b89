package server

import (
	"cmp"
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/quintet-ai/quintet/server/jobs"
)

// openAPI is a document of OpenAPI 3.1, as far as the routes need one.
type openAPI struct {
	OpenAPI    string                          `json:"openapi"`
	Info       map[string]string               `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components components                      `json:"components"`
	Security   []map[string][]string           `json:"security"`
}

type components struct {
	Schemas         map[string]schema            `json:"schemas"`
	SecuritySchemes map[string]map[string]string `json:"securitySchemes"`
}

type operation struct {
	OperationID string                  `json:"operationId"`
	Summary     string                  `json:"summary"`
	Tags        []string                `json:"tags"`
	Security    *[]map[string][]string  `json:"security,omitempty"`
	Permission  string                  `json:"x-permission,omitempty"`
	Parameters  []parameter             `json:"parameters,omitempty"`
	RequestBody *requestBody            `json:"requestBody,omitempty"`
	Responses   map[string]responseBody `json:"responses"`
}

type parameter struct {
	Name     string `json:"name"`
	In       string `json:"in"`
	Required bool   `json:"required"`
	Schema   schema `json:"schema"`
}

type requestBody struct {
	Required bool               `json:"required"`
	Content  map[string]content `json:"content"`
}

type responseBody struct {
	Description string             `json:"description"`
	Content     map[string]content `json:"content,omitempty"`
}

type content struct {
	Schema schema `json:"schema"`
}

type schema map[string]any

func newOpenAPI(version string) *openAPI {
	return &openAPI{
		OpenAPI: "3.1.0",
		Info:    map[string]string{"title": "Quintet", "version": version},
		Paths:   map[string]map[string]operation{},
		Components: components{
			Schemas: map[string]schema{},
			SecuritySchemes: map[string]map[string]string{
				"bearer": {"type": "http", "scheme": "bearer"},
				"apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
			},
		},
		Security: []map[string][]string{{"bearer": {}}, {"apiKey": {}}},
	}
}

var wildcard = regexp.MustCompile(`\{(\w+)(\.\.\.)?\}`)

// add describes a route.
func (d *openAPI) add(rt route) {
	path := strings.TrimSuffix(rt.pattern, "{$}")
	op := operation{
		OperationID: operationID(rt), Summary: rt.summary, Tags: []string{rt.tag}, Permission: rt.permission,
		Responses: map[string]responseBody{"200": {Description: "the answer"}},
	}
	if rt.permission == "" {
		op.Security = &[]map[string][]string{}
	}
	for _, m := range wildcard.FindAllStringSubmatch(path, -1) {
		op.Parameters = append(op.Parameters, parameter{m[1], "path", true, schema{"type": "string"}})
	}
	for _, name := range rt.query {
		op.Parameters = append(op.Parameters, parameter{name, "query", false, schema{"type": "string"}})
	}
	path = wildcard.ReplaceAllString(path, "{$1}")
	if rt.response != nil {
		op.Responses["200"] = responseBody{"the answer", jsonContent(d.schema(reflect.TypeOf(rt.response)))}
	}
	if rt.empty {
		delete(op.Responses, "200")
		op.Responses["204"] = responseBody{Description: "it is done"}
	}
	if rt.accepts {
		op.Responses["202"] = responseBody{"the job that will answer", jsonContent(d.schema(reflect.TypeFor[jobs.Info]()))}
	}
	if rt.request != nil {
		op.RequestBody = d.body(rt.request)
	}
	if rt.stream != "" {
		d.inPieces(rt, op)
	}
	d.errors(rt, op.Responses)
	if d.Paths[path] == nil {
		d.Paths[path] = map[string]operation{}
	}
	d.Paths[path][strings.ToLower(rt.method)] = op
}

func jsonContent(s schema) map[string]content { return map[string]content{"application/json": {s}} }

// body describes a body; that of a file may come as a form or bare.
func (d *openAPI) body(v any) *requestBody {
	if _, form := v.(TranscriptionRequest); form {
		b := &requestBody{Required: true, Content: map[string]content{"multipart/form-data": {d.schema(reflect.TypeOf(v))}}}
		fields, _ := d.Components.Schemas["TranscriptionRequest"]["properties"].(map[string]schema)
		fields["file"] = schema{"type": "string", "contentMediaType": "application/octet-stream"}
		return b
	}
	b := &requestBody{Required: true, Content: jsonContent(d.schema(reflect.TypeOf(v)))}
	if _, file := v.(FileRequest); file {
		binary := schema{"type": "string", "contentMediaType": "application/octet-stream"}
		b.Content["multipart/form-data"] = content{schema{"type": "object", "required": []string{"file"}, "properties": schema{
			"file": binary, "operations": schema{"type": "string"}, "id": schema{"type": "string"},
		}}}
		b.Content["application/octet-stream"] = content{binary}
	}
	return b
}

// inPieces describes an answer, and perhaps a body, that is sent piece by piece.
func (d *openAPI) inPieces(rt route, op operation) {
	ok := op.Responses["200"]
	if ok.Content == nil {
		ok.Content = map[string]content{}
	}
	ok.Content[rt.stream] = content{schema{"type": "string", "contentMediaType": rt.stream, "contentSchema": d.schema(reflect.TypeOf(rt.piece))}}
	op.Responses["200"] = ok
	if rt.piecewise == nil {
		return
	}
	media := linesType
	if rt.stream == eventsType {
		media = "text/plain"
	}
	op.RequestBody.Content[media] = content{schema{"type": "string"}}
}

// errors describes the errors that a route may answer.
func (d *openAPI) errors(rt route, to map[string]responseBody) {
	kind, media := reflect.TypeFor[Problem](), "application/problem+json"
	switch {
	case strings.HasPrefix(rt.pattern, "/v1/"):
		kind, media = reflect.TypeFor[openAIError](), "application/json"
	case strings.HasPrefix(rt.pattern, "/v2"):
		kind, media = reflect.TypeFor[kserveError](), "application/json"
	}
	statuses := map[int][]string{}
	for _, c := range Codes() {
		if rt.permission == "" && rt.quick && c.Status < 500 {
			continue
		}
		statuses[c.Status] = append(statuses[c.Status], c.Code)
	}
	for status, codes := range statuses {
		slices.Sort(codes)
		to[strconv.Itoa(status)] = responseBody{strings.Join(codes, ", "), map[string]content{media: {d.schema(kind)}}}
	}
}

// operationID is a name for generated clients, such as postApiV1TextProcess.
func operationID(rt route) string {
	id := strings.ToLower(rt.method)
	for part := range strings.FieldsFuncSeq(rt.pattern, func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') }) {
		id += strings.ToUpper(part[:1]) + part[1:]
	}
	return id
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
	textType     = reflect.TypeFor[encoding.TextMarshaler]()
	jsonType     = reflect.TypeFor[json.Marshaler]()
)

// schema describes how encoding/json writes a type. Named structs become components.
func (d *openAPI) schema(t reflect.Type) schema {
	switch {
	case t == timeType:
		return schema{"type": "string", "format": "date-time"}
	case t == durationType:
		return schema{"type": "integer", "description": "nanoseconds"}
	case t == rawType || t.Implements(jsonType):
		return schema{}
	case t.Implements(textType):
		return schema{"type": "string"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.schema(t.Elem())
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Float32, reflect.Float64:
		return schema{"type": "number"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return schema{"type": "integer"}
	case reflect.Slice, reflect.Array:
		if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8 {
			return schema{"type": "string", "contentEncoding": "base64"}
		}
		return schema{"type": "array", "items": d.schema(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": d.schema(t.Elem())}
	case reflect.Struct:
		return d.object(t)
	}
	return schema{} // any
}

// object adds a struct to the components and refers to it.
func (d *openAPI) object(t reflect.Type) schema {
	name := componentName(t)
	if name == "" {
		return d.properties(t)
	}
	if _, ok := d.Components.Schemas[name]; !ok {
		d.Components.Schemas[name] = nil // ends the recursion of a type in itself
		d.Components.Schemas[name] = d.properties(t)
	}
	return schema{"$ref": "#/components/schemas/" + name}
}

// componentName is package and type, such as "text.Result"; those of this package
// stand alone.
func componentName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "[")
	if name == "" {
		return ""
	}
	pkg := t.PkgPath()[strings.LastIndexByte(t.PkgPath(), '/')+1:]
	if pkg == "server" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return pkg + "." + name
}

func (d *openAPI) properties(t reflect.Type) schema {
	all, required := map[string]schema{}, []string{}
	d.fields(t, all, &required)
	s := schema{"type": "object", "properties": all}
	if len(required) > 0 {
		slices.Sort(required)
		s["required"] = required
	}
	return s
}

// fields adds the fields of a struct, and those of structs embedded in it.
func (d *openAPI) fields(t reflect.Type, all map[string]schema, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct:
			d.fields(f.Type, all, required)
			continue
		}
		name = cmp.Or(name, f.Name)
		all[name] = maps.Clone(d.schema(f.Type))
		if !strings.Contains(opts, "omit") {
			if f.Type.Kind() == reflect.Pointer {
				all[name] = schema{"anyOf": []schema{all[name], {"type": "null"}}}
			}
			*required = append(*required, name)
		}
	}
}
