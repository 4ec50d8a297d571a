package api_test

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/iade/iade/internal/ingress"
	apitest "github.com/iade/iade/internal/test/api"
)

func document(t *testing.T) *apitest.Document {
	t.Helper()
	d, err := apitest.LoadDocument()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDocumentIsValid(t *testing.T) {
	t.Parallel()
	document(t)
}

func TestTheDocumentHasTheRoutesAndScopesOfTheRouteTable(t *testing.T) {
	t.Parallel()
	api := document(t).API
	documented := map[string]string{} // route -> operationId
	for path, item := range api.Paths.Map() {
		for method, operation := range item.Operations() {
			documented[method+" "+path] = operation.OperationID
		}
	}
	for _, route := range ingress.Routes() {
		name := route.Method + " " + route.Pattern
		if documented[name] != route.Name {
			t.Errorf("%s is %q in openapi.yaml, %q in the route table", name, documented[name], route.Name)
			continue
		}
		delete(documented, name)
		security := api.Security
		if own := api.Paths.Find(route.Pattern).GetOperation(route.Method).Security; own != nil {
			security = *own
		}
		var scopes []string
		for _, requirement := range security {
			if scope, ok := requirement["jwt"]; ok {
				scopes = append(scopes, scope...)
			}
		}
		if want := []string{string(route.Scope)}; route.Scope == ingress.ScopeOpen && len(security) != 0 ||
			route.Scope != ingress.ScopeOpen && !slices.Equal(scopes, want) {
			t.Errorf("%s: openapi.yaml asks for %v, the route table for %s", name, security, route.Scope)
		}
	}
	for name := range documented {
		t.Errorf("%s is in openapi.yaml and not in the route table", name)
	}
}

// TestTheDocumentRefusesAnswersThatDrift shows that the check which every answer passes can fail.
func TestTheDocumentRefusesAnswersThatDrift(t *testing.T) {
	t.Parallel()
	const (
		id       = "rf_1_abcdefghijklmnop"
		resource = `{"id":"` + id + `","kind":"refund","status":"succeeded","paymentId":"1","amount":"1.00","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`
		problem  = `{"type":"urn:iade:problem:exceeds-refundable","title":"T","status":422,"detail":"d","refundable":"1.00"}`
	)
	get := apitest.Request{Method: http.MethodGet, Path: "/refunds/" + id}
	post := apitest.Request{
		Method: http.MethodPost, Path: "/refunds", Body: []byte(`{"paymentId":"1","amount":"1"}`),
		Header: http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {"k"}},
	}
	reply := func(status int, contentType, body string, headers ...string) apitest.Reply {
		r := apitest.Reply{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: []byte(body)}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return r
	}
	const plain, faulty = "application/json", "application/problem+json"
	at := []string{"Location", "/refunds/" + id}
	for _, c := range []struct {
		name  string
		req   apitest.Request
		reply apitest.Reply
		ok    bool
	}{
		{"a resource", get, reply(200, plain, resource), true},
		{"a resource with a member more", get, reply(200, plain, `{"extra":1,`+resource[1:]), false},
		{"a resource without its status", get, reply(200, plain, `{"id":"`+id+`","kind":"refund","createdAt":"2026-01-01T00:00:00Z","updatedAt":"2026-01-01T00:00:00Z"}`), false},
		{"an amount as a number", get, reply(200, plain, `{"refundedAmount":1,`+resource[1:]), false},
		{"a time that is not UTC", get, reply(200, plain, `{"settledAt":"2026-01-01T00:00:00+03:00",`+resource[1:]), false},
		{"a status that is not described", get, reply(418, faulty, problem), false},
		{"a wrong media type", get, reply(200, "text/plain", resource), false},
		{"201", post, reply(201, plain, resource, at...), true},
		{"201 without Location", post, reply(201, plain, resource), false},
		{"202 without Retry-After", post, reply(202, plain, resource, at...), false},
		{"a rule's problem", post, reply(422, faulty, problem), true},
		{"a time below the millisecond", get, reply(200, plain, `{"settledAt":"2026-01-01T00:00:00.0001Z",`+resource[1:]), false},
		{"a rule's problem without its member", post, reply(422, faulty, `{"type":"urn:iade:problem:idempotency-key-reused","title":"T","status":422,"detail":"d"}`), false},
		{"a rule's problem with another's member", post, reply(422, faulty, `{"lines":[],`+problem[1:]), false},
		{"a problem of another status", post, reply(404, faulty, problem), false},
		{"a problem as plain JSON", post, reply(422, plain, problem), false},
		{"success for what the document refuses", apitest.Request{Method: post.Method, Path: post.Path, Header: post.Header, Body: []byte(`{"paymentId":"1","amount":"-1"}`)}, reply(201, plain, resource, at...), false},
		{"an unknown route", apitest.Request{Method: http.MethodGet, Path: "/nowhere"}, reply(404, faulty, `{"type":"urn:iade:problem:not-found","title":"T","status":404,"detail":"d"}`), true},
		{"an unknown route that answers", apitest.Request{Method: http.MethodGet, Path: "/nowhere"}, reply(200, plain, `{}`), false},
		{"a wrong method", apitest.Request{Method: http.MethodDelete, Path: "/refunds"}, reply(404, faulty, `{"type":"urn:iade:problem:not-found","title":"T","status":404,"detail":"d"}`), false},
	} {
		if err := document(t).Check(c.req, c.reply); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestEveryOperationHasExamples: of its body, and of each answer that has one.
func TestEveryOperationHasExamples(t *testing.T) {
	t.Parallel()
	shown := func(where string, content openapi3.Content) {
		for media, c := range content {
			if c.Example == nil && len(c.Examples) == 0 {
				t.Errorf("%s: %s has no example", where, media)
			}
		}
	}
	for path, item := range document(t).API.Paths.Map() {
		for method, operation := range item.Operations() {
			if body := operation.RequestBody; body != nil {
				shown(method+" "+path, body.Value.Content)
			}
			for status, response := range operation.Responses.Map() {
				shown(method+" "+path+" "+status, response.Value.Content)
			}
		}
	}
}

// TestEveryProblemIsDescribed: a client that branches on type finds each slug that the API has, and no other.
func TestEveryProblemIsDescribed(t *testing.T) {
	t.Parallel()
	var described []string
	for name, schema := range document(t).API.Components.Schemas {
		if name == "Error" || strings.HasSuffix(name, "Problem") == (schema.Value.Properties["type"] == nil) {
			t.Errorf("%s: a problem, and nothing else, has a type", name)
		}
		if of := schema.Value.Properties["type"]; of != nil {
			described = append(described, fmt.Sprint(of.Value.Enum...))
		}
	}
	slices.Sort(described)
	var want []string
	for _, problem := range ingress.ProblemTypes() {
		if problem.Slug != "method-not-allowed" { // of no operation: the document says it in words
			want = append(want, "urn:iade:problem:"+problem.Slug)
		}
	}
	slices.Sort(want)
	if !slices.Equal(described, want) {
		t.Errorf("described are %q, answered are %q", described, want)
	}
}

// TestTheDocumentHasNoAliases: generators of clients stumble over them.
func TestTheDocumentHasNoAliases(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?m)[:-] [&*][A-Za-z]+`).FindAllString(string(text), -1); len(found) > 0 {
		t.Errorf("%q", found)
	}
}
