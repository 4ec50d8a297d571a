// Package proof_test holds the tests about the tests and about the repository as a whole: guards that must not be removed,
// lines that decide and are not run, the direction of dependencies, and documents that are generated from code.
package proof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/iade/iade/"

// allowed says, for each folder, which of our own folders its product code may import (dependencies point one
// way). A package that matches no row fails the test, so that a new folder has to find its place here.
var allowed = []struct {
	folder string
	may    []string
}{
	{"internal/money", nil},
	{"internal/payment", []string{"internal/money"}},
	{"pkg/iyzico/iyzicotest", nil},
	{"pkg/iyzico", nil},
	{"internal/secret", nil},
	{"internal/version", nil},
	{"internal/config", []string{"internal/money", "internal/secret"}},
	{"internal/clock", nil},
	{"internal/journal", []string{"internal/payment"}},
	{"internal/dayclose", []string{"internal/money", "internal/payment"}},
	{"internal/store/bolt", []string{"internal/dayclose", "internal/journal", "internal/payment"}},
	{"internal/store/dynamo", []string{"internal/dayclose", "internal/journal", "internal/payment"}},
	{"internal/returnlink", []string{"internal/payment", "internal/secret"}},
	{"internal/psp", []string{"internal/payment", "internal/money", "internal/secret", "pkg/iyzico"}},
	{"internal/ingress", []string{"internal/version", "internal/dayclose", "internal/journal", "internal/payment", "internal/money"}},
	{"internal/compose", []string{
		"internal/clock", "internal/config", "internal/dayclose", "internal/ingress", "internal/journal", "internal/metrics", "internal/payment", "internal/psp",
		"internal/returnlink",
	}},
	{"internal/app", []string{
		"internal/version",
		"internal/clock", "internal/compose", "internal/config", "internal/dayclose", "internal/ingress", "internal/metrics", "internal/payment", "internal/psp",
		"internal/returnlink", "internal/secret", "internal/store/dynamo",
	}},
	{"internal/metrics", []string{"internal/ingress", "internal/payment", "internal/psp", "pkg/iyzico"}},
	{"internal/sqsqueue", []string{"internal/ingress"}},
	{"internal/eventbus", []string{"internal/dayclose", "internal/clock", "internal/metrics", "internal/version", "internal/app", "internal/config", "internal/store/dynamo", "internal/ingress", "internal/payment"}},
	{"functions", []string{"internal/app", "internal/config", "internal/ingress", "internal/eventbus", "internal/payment", "internal/sqsqueue"}},
	{"internal/bulk", []string{"internal/ingress", "internal/payment", "internal/words"}},
	{"internal/words", nil},
	{"internal/loopback", nil},
	// The console asks the HTTP API, and knows nothing of what answers there.
	{"internal/console", []string{"internal/loopback", "internal/words"}},
	{"cmd/iade", []string{"internal/bulk", "internal/config", "internal/console", "internal/loopback", "internal/payment", "internal/words", "pkg/iyzico"}},
	{"build/test", nil},
	{"examples/go", nil},
	{"cmd/fake-iyzico", []string{"pkg/iyzico/iyzicotest"}},
	{"cmd/local", []string{
		"internal/clock", "internal/compose", "internal/config", "internal/console", "internal/dayclose", "internal/ingress", "internal/journal", "internal/loopback",
		"internal/metrics", "internal/payment", "internal/psp", "internal/returnlink", "internal/secret", "internal/store/bolt", "internal/store/dynamo", "pkg/iyzico", "pkg/iyzico/iyzicotest",
	}},
}

// testRooms hold what only tests import. They may import anything: no row above names them, so no product package does.
const testRooms = "internal/test/"

// never lists what a package must not reach, directly or through others.
var never = []struct {
	folder string
	parts  []string
}{
	{"internal/payment", []string{"net/http", "github.com/aws/", module + "pkg/"}},
	{"pkg/iyzico", []string{"github.com/aws/", module + "internal/"}},
	{"cmd/local", []string{"github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/secretsmanager", module + "internal/app"}},
	// The doctor reads a stack, and changes nothing of it.
	{"cmd/iade", []string{
		"github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/eventbridge",
		module + "internal/app", module + "internal/store",
	}},
	// A process that starts pays for every client's package, wanted or not.
	{"internal/app", []string{"github.com/aws/aws-sdk-go-v2/service/sqs", "github.com/aws/aws-sdk-go-v2/service/eventbridge"}},
	{"functions/", []string{module + "internal/store/bolt", "go.etcd.io/bbolt", module + "pkg/iyzico/iyzicotest"}},
}

type listed struct {
	ImportPath string
	Dir        string
	Imports    []string
	Deps       []string
	GoFiles    []string
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,Deps,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			packages = append(packages, p)
		}
	}
}

func TestDependenciesPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(folder, testRooms) {
			continue
		}
		row := slices.IndexFunc(allowed, func(r struct {
			folder string
			may    []string
		}) bool {
			return folder == r.folder || (r.folder == "functions" && strings.HasPrefix(folder, "functions/"))
		})
		if row < 0 {
			t.Errorf("%s has no row in `allowed`: say what it may import", folder)
			continue
		}
		for _, imported := range p.Imports {
			own, ok := strings.CutPrefix(imported, module)
			if ok && !slices.Contains(allowed[row].may, own) {
				t.Errorf("%s must not import %s", folder, own)
			}
		}
		for _, rule := range never {
			inside := strings.HasSuffix(rule.folder, "/") && strings.HasPrefix(folder, rule.folder)
			if folder != rule.folder && !inside {
				continue
			}
			for _, dep := range p.Deps {
				for _, part := range rule.parts {
					if dep == part || (strings.HasSuffix(part, "/") && strings.HasPrefix(dep, part)) {
						t.Errorf("%s must not reach %s", folder, dep)
					}
				}
			}
		}
	}
}

func TestTheClientNeedsOnlyTheStandardLibraryAndDecimal(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		if p.ImportPath != module+"pkg/iyzico" {
			continue
		}
		for _, dep := range p.Deps {
			first, _, _ := strings.Cut(dep, "/")
			if strings.Contains(first, ".") && dep != "github.com/shopspring/decimal" {
				t.Errorf("pkg/iyzico needs %s", dep)
			}
		}
	}
}

// TestTheDomainReadsNoClockAndStartsNothing parses the domain: time is data there, so that the simulator runs the very
// code that is deployed.
func TestTheDomainReadsNoClockAndStartsNothing(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("internal/payment/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the domain: %v", err)
	}
	forbidden := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine", name)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(forbidden, n.Sel.Name) {
					t.Errorf("%s uses time.%s", name, n.Sel.Name)
				}
			}
			return true
		})
	}
}

// TestRulesAreMadeOfSettingsInOnePlace: a rule that reads a setting and is forgotten in one of the programs moved money wrongly
// once, so no product package but compose may make payment.Rules.
func TestRulesAreMadeOfSettingsInOnePlace(t *testing.T) {
	t.Parallel()
	made := 0
	for _, p := range listPackages(t) {
		folder := strings.TrimPrefix(p.ImportPath, module)
		if strings.HasPrefix(folder, testRooms) || folder == "internal/payment" {
			continue
		}
		for _, name := range p.GoFiles {
			data, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(data, []byte("payment.Rules{")) && !bytes.Contains(data, []byte("payment.NewService(")) {
				continue
			}
			if made++; folder != "internal/compose" {
				t.Errorf("%s/%s makes rules or a service of its own", folder, name)
			}
		}
	}
	if made != 1 {
		t.Errorf("%d files make rules or a service", made)
	}
}

// TestNoFunctionLinksATemplate, built as it is deployed: text/template looks methods up by name, which keeps the linker from leaving
// any out, and made every function half as large again and slower to start.
func TestNoFunctionLinksATemplate(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-tags", "lambda.norpc", "./functions/...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), module+"internal/ingress\n") {
		t.Fatalf("the list is not one of dependencies: %s", out)
	}
	for pkg := range strings.Lines(string(out)) {
		if pkg = strings.TrimSpace(pkg); pkg == "text/template" || pkg == "html/template" {
			t.Errorf("%s is linked", pkg)
		}
	}
}
