package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Document is openapi.yaml. It is safe for concurrent use.
type Document struct {
	API *openapi3.T
}

// LoadDocument reads and validates the module's openapi.yaml, examples included. The module is the one around the
// current folder, which for a test is its package's.
var LoadDocument = sync.OnceValues(func() (*Document, error) {
	openapi3filter.RegisterBodyDecoder("text/html", readPage)
	openapi3filter.RegisterBodyDecoder("text/csv", readPage)
	path, err := documentPath()
	if err != nil {
		return nil, err
	}
	api, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	if err := api.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s is not valid: %w", path, err)
	}
	return &Document{api}, nil
})

// readPage makes a page's text the value that its schema is held against.
func readPage(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	text, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("read a page: %w", err)
	}
	return string(text), nil
}

func documentPath() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find openapi.yaml: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, "openapi.yaml"), nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("find openapi.yaml: %w", err)
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("find openapi.yaml: no module around the current folder")
		}
		folder = parent
	}
}

// Check holds an answer, and the request that it was given to, against the document: status, headers and body must be
// described, and a request that succeeded must be one that the document allows. An answer of a route or method that the
// document does not have must be the problem that says so.
func (d *Document) Check(req Request, reply Reply) error {
	route, params := d.find(req.Method, req.Path)
	if route == nil {
		return d.checkUnrouted(req, reply)
	}
	if time := unusualTime.Find(reply.Body); time != nil {
		return fmt.Errorf("the time %s is not RFC 3339 in UTC, to the millisecond at most", time)
	}
	sent, err := http.NewRequest(req.Method, "http://api"+req.Path, bytes.NewReader(usualSpelling(req.Body)))
	if err != nil {
		return fmt.Errorf("rebuild the request: %w", err)
	}
	sent.URL.RawQuery, sent.Header = req.RawQuery, req.Header
	input := &openapi3filter.RequestValidationInput{
		Request: sent, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	}
	if reply.Status < 300 && route.Operation.RequestBody != nil {
		if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
			return fmt.Errorf("accepted a request that openapi.yaml does not allow: %w", err)
		}
	}
	if !strings.HasPrefix(reply.Header.Get("Content-Type"), "application/problem+json") && reply.Status >= 400 && !strings.HasPrefix(req.Path, "/balance-callback/") && reply.Status != http.StatusNotFound {
		return fmt.Errorf("status %d comes with Content-Type %q", reply.Status, reply.Header.Get("Content-Type"))
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: reply.Status, Header: reply.Header, Body: io.NopCloser(bytes.NewReader(reply.Body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	})
}

// unusualTime finds a time of an answer that clients cannot rely on. The document does not say it by a pattern: the client that
// openapi-generator writes for Python does not run with one beside a date-time.
var unusualTime = regexp.MustCompile(`"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{4,}Z|(\.[0-9]+)?[+-][0-9]{2}:[0-9]{2})"`)

var reasonOfABody = regexp.MustCompile(`"reason" ?: ?"[a-zA-Z_]+"`)

// usualSpelling writes a refund's reason as the document does, which has the words that clients are to use. The API takes them in
// any case; a document that said so could not list them.
func usualSpelling(body []byte) []byte {
	return reasonOfABody.ReplaceAllFunc(body, func(member []byte) []byte {
		word := bytes.ToUpper(member[len(`"reason"`):])
		return append([]byte(`"reason"`), word...)
	})
}

// find returns the document's operation for a method and path, with the values of the path's parameters.
func (d *Document) find(method, path string) (*routers.Route, map[string]string) {
	for pattern, item := range d.API.Paths.Map() {
		params, ok := matchPath(pattern, path)
		operation := item.GetOperation(method)
		if !ok || operation == nil {
			continue
		}
		return &routers.Route{Spec: d.API, Path: pattern, PathItem: item, Method: method, Operation: operation}, params
	}
	return nil, nil
}

func (d *Document) hasPath(path string) bool {
	for pattern := range d.API.Paths.Map() {
		if _, ok := matchPath(pattern, path); ok {
			return true
		}
	}
	return false
}

func matchPath(pattern, path string) (params map[string]string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	params = map[string]string{}
	for i := range want {
		name, isParam := strings.CutPrefix(want[i], "{")
		switch {
		case isParam && got[i] == "":
			return nil, false
		case isParam:
			params[strings.TrimSuffix(name, "}")] = got[i]
		case want[i] != got[i]:
			return nil, false
		}
	}
	return params, true
}

// checkUnrouted checks the answer to a request that no operation of the document takes.
func (d *Document) checkUnrouted(req Request, reply Reply) error {
	slug, status := "not-found", http.StatusNotFound
	if d.hasPath(req.Path) {
		slug, status = "method-not-allowed", http.StatusMethodNotAllowed
	}
	if reply.Status != status {
		return fmt.Errorf("status %d, the document asks for %d", reply.Status, status)
	}
	if got := reply.Header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("Content-Type %q", got)
	}
	if req.Method == http.MethodHead {
		return nil
	}
	var problem struct {
		Type, Title, Detail string
		Status              int
	}
	decoder := json.NewDecoder(bytes.NewReader(reply.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&problem); err != nil {
		return fmt.Errorf("read the problem: %w", err)
	}
	if problem.Type != "urn:iade:problem:"+slug || problem.Status != status || problem.Title == "" || problem.Detail == "" {
		return fmt.Errorf("the problem is %s", reply.Body)
	}
	return nil
}
