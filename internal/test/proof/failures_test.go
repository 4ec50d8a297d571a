package proof_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/iade/iade/internal/test/repo"
)

// failures are the rows of the failure matrix: what fails, what iade does about it, and by which promises. Their tests are
// found in the sources, by name (TestFailure07…) or by a line in the test's comment (// failure 7: …).
var failures = []struct {
	fails    string
	does     string
	promises []int
}{
	{"killed before accept", "Nothing was written, so nothing is left: the next delivery begins afresh.", []int{1, 6}},
	{"accept applied, its answer lost, the SDK sends it again", "The refused repetition finds its own writer's token in the stored item and counts as success: the request goes on, once.", []int{1, 2}},
	{"killed after accept, before the mark", "There is no such moment: accepting a command and marking its first attempt are one write, and so are an answer and the next leg's mark.", []int{2}},
	{"mark applied, its answer lost", "A mark that is perhaps stored is never sent on; the attempt settles by reading as not executed.", []int{1, 2, 7}},
	{"killed after the mark, before the request", "Nobody sends what is marked; the attempt becomes unknown at its deadline and settles by reading as not executed.", []int{2, 7}},
	{"DNS, dial or TLS fails", "That no byte left is proved, so it is `not_sent` and the same key asks afresh, with a new attempt number.", []int{1, 3}},
	{"written, reset, not executed", "The outcome is unknown; three agreeing reads over the settle window prove the absence.", []int{3, 7}},
	{"executed, and its answer is lost or proves nothing", "The outcome is unknown; the report shows our conversationId and settles it. A lost init of a refund to balance can move nothing, so its key opens another page.", []int{1, 2, 7}},
	{"answered or executed after our deadline", "Absence is not believed before the settle window has passed; what iyzico does even later reopens the operation for a person, with an alarm.", []int{3, 5}},
	{"success, killed before it is recorded", "The attempt stays marked, so nobody sends it; the report shows it and it settles as succeeded.", []int{2, 7}},
	{"the record fails or conflicts", "Saving an answer is tried until the handler's end, after a lost race even later; if it fails for good, the report settles it.", []int{2, 7}},
	{"iyzico refuses on a first try (\"already …\", \"exceeds\")", "Only codes that are listed as moving no money are a refusal, and those are looked at again after an hour and a day; every other code is unknown.", []int{3, 5}},
	{"the same key twice at once, over all entry points", "One write on the account's version decides who sends; everybody else gets the same operation.", []int{1, 6}},
	{"the same payment and key, another request", "Refused by the fingerprint, over HTTP and into the dead-letter queue, whatever became of the first.", []int{6}},
	{"different keys together above the remainder", "Each is checked against what is refunded and reserved, in the write that reserves it: at most one moves.", []int{4}},
	{"cancel and refund race", "Whoever is marked first takes the payment, also while nobody knows what became of it; the other is told which operation is in the way.", []int{4}},
	{"two reconcilers, or a reconciler and a late worker", "Reads of one moment count once; a late answer is applied to what the reconciler made of the attempt, and never undoes it.", []int{2, 5}},
	{"the deadline passes while the worker is paused, then it resumes", "The connection's Write compares the wall clock with the stored deadline: not a byte leaves.", []int{2}},
	{"clock skew", "Ages are judged with a tolerance for our own clocks; iyzico's clock decides nothing about attempts that carry our id.", []int{3, 4}},
	{"duplicate, reordered, poison commands", "The key makes order and number irrelevant; what is no command goes to the dead-letter queue with a reason and hurts no neighbour.", []int{1, 6}},
	{"event replay downstream", "Events carry id and sequence: who drops what is not newer ends with the truth, from whatever point they come again.", []int{8}},
	{"callback missing, twice, forged, early, expired, for another payment, open redirect", "A return proves that somebody knew the token and moves nothing; what does not verify gets one page and changes nothing; the report settles with or without it.", []int{5, 7, 9}},
	{"stale report while settling", "Absence needs the settle window; a report that goes back lowers nothing; one that shows the refund too late reopens it for a person.", []int{3, 4, 5}},
	{"secret rotated in mid-flight", "Refused keys are proof that nothing was done: the same key asks afresh with the new ones. An answer signed with another key is unknown. States signed before a rotation stay valid.", []int{1, 3, 9}},
	{"store throttled or away", "Before the mark: nothing was sent, ask again with the same key. After it: as for a record that fails.", []int{1, 2}},
	{"item expired early or late", "On first contact the report is read, and an entry with the operation's own id settles it instead of sending; after 365 days no rule lets a refund through.", []int{1, 6}},
	{"function or gateway time-out", "Nothing is begun that cannot end in time, a caller's leaving stops nothing, and unsent legs go on when the same key asks again.", []int{2, 7}},
	{"unknown code, new field, amount written differently", "Amounts and ids are read by value from number or text, new fields are passed over, and whatever cannot be read for certain is unknown.", []int{3}},
	{"a leg in the middle fails or is unknown", "Legs run in order and stop at the first that did not succeed; legs after it end as not executed, and only those that were proved not sent go on.", []int{2, 4}},
	{"panel refund between snapshot and send", "iyzico refuses what no longer fits; the panel's refund is seen, counted and alarmed, and an entry that might be ours is left to a person.", []int{4, 5}},
	{"a report that contradicts itself: without entries or a line, the payment twice, entries that say too little", "It proves nothing: absence needs a report that is complete and consistent. What it does show of ours counts.", []int{3, 5, 7}},
	{"a report that is older than the attempt", "Its own time says so, and it is not counted.", []int{3, 7}},
	{"our ids hidden, or in another spelling", "An entry that may be ours is nobody's absence: the attempt waits, or a person looks.", []int{3, 4, 7}},
	{"a day list that is not whole", "Absence needs both lists, and all pages of the second; what either shows of ours settles.", []int{3, 7}},
	{"all of a payment on its day, carried out as a cancel", "Our id among the cancels, with our amount, is our refund, to the last part of a minor unit.", []int{5}},
	{"a leg that goes on after a refund in the panel", "Before each mark every rule is checked again on what is known by then; what no longer fits is not sent.", []int{4}},
	{"an account with no room left", "A command is refused while there is no room for its answer, its settling and a person's decision.", []int{6, 7}},
	{"an account that a newer version wrote", "It is refused as a whole: nothing is sent on it, and nothing of it is overwritten.", []int{4}},
	{"reads that hang", "Who could not be read backs off, ever longer, and comes after all others.", []int{7}},
	{"a refund charged to the merchant, which iyzico need not list", "What iyzico shows of it settles it; that iyzico shows nothing proves nothing, and a person decides.", []int{3, 5, 7}},
	{"a process that dies while it counts for a limit of the merchant's own", "It counts before the mark, and gives back after the definite no is saved: a crash leaves too much counted, never too little.", []int{1, 2}},
	{"a count whose answer is lost, that many make at once, or that cannot be made", "Counts are absolute values on condition of a version, with a writer's token: a repetition counts once. What cannot be counted is not sent.", []int{1, 2}},
	{"the cancel of a reversal is refused or lost", "Refunds take its place only after proof that it moved nothing, in the same operation, planned on the account as it is then; a cancel that is seen after all stops them.", []int{1, 3, 4, 5}},
	{"iyzico's notices, forged, replayed or true", "A notice that verifies has the payment read sooner, within a bound, and decides nothing: the report does. Of a definite no that iyzico tries again somebody is told.", []int{3, 5, 9}},
}

// shown is one test of a row.
type shown struct {
	name string
	file string // from the repository's root
	note string
}

// evidence is what the sources say about the matrix.
type evidence struct {
	rows   map[int][]shown
	suites []shown      // the tests that run the API's suite
	played map[int]bool // rows with a scenario that internal/test/failures plays to the end
}

var (
	failureName = regexp.MustCompile(`^TestFailure(\d\d)[A-Z]`)
	failureLine = regexp.MustCompile(`(?m)^// failure (\d+(?:, \d+)*): (.+)$`)
)

// testFiles lists the test files that `go test ./...` runs on this platform, without build tags, and the API's suite.
func testFiles(t *testing.T) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=Dir,ImportPath,GoFiles,TestGoFiles,XTestGoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir, ImportPath                    string
			GoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return files
		} else if err != nil {
			t.Fatal(err)
		}
		names := slices.Concat(p.TestGoFiles, p.XTestGoFiles)
		if p.ImportPath == module+"internal/test/api" {
			names = append(names, p.GoFiles...)
		}
		folder, err := filepath.Rel(root, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files = append(files, filepath.ToSlash(filepath.Join(folder, name)))
		}
	}
}

// gather reads every test's name and comment.
func gather(t *testing.T) evidence {
	t.Helper()
	e := evidence{rows: map[int][]shown{}, played: map[int]bool{}}
	for _, path := range testFiles(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		marked := map[*ast.CommentGroup]bool{}
		for _, declared := range file.Decls {
			f, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			marked[f.Doc] = true
			e.take(t, path, f)
		}
		for _, comment := range file.Comments {
			if !marked[comment] && failureLine.MatchString(lines(comment)) {
				t.Errorf("%s: %q stands above no test", path, strings.TrimSpace(comment.Text()))
			}
		}
	}
	for row := range e.rows {
		slices.SortFunc(e.rows[row], func(a, b shown) int {
			return cmp.Or(cmp.Compare(b2i(a.note != ""), b2i(b.note != "")), cmp.Compare(a.file, b.file), cmp.Compare(a.name, b.name))
		})
	}
	slices.SortFunc(e.suites, func(a, b shown) int { return cmp.Compare(a.name, b.name) })
	return e
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lines is a comment as it is written.
func lines(group *ast.CommentGroup) string {
	var all []string
	for _, c := range group.List {
		all = append(all, c.Text)
	}
	return strings.Join(all, "\n")
}

// take notes what one function says about the matrix.
func (e *evidence) take(t *testing.T, path string, f *ast.FuncDecl) {
	t.Helper()
	isTest := strings.HasSuffix(path, "_test.go") && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test")
	if isTest && calls(f, "apitest", "Run") {
		e.suites = append(e.suites, shown{name: f.Name.Name, file: path})
	}
	if match := failureName.FindStringSubmatch(f.Name.Name); match != nil {
		row, _ := strconv.Atoi(match[1])
		e.rows[row] = append(e.rows[row], shown{name: f.Name.Name, file: path})
		if strings.HasPrefix(path, "internal/test/failures/") && (calls(f, "", "play") || calls(f, "", "everyWay") || calls(f, "", "onTable") || calls(f, "", "everyWayOnTable")) {
			e.played[row] = true
		}
	}
	if f.Doc == nil {
		return
	}
	for _, match := range failureLine.FindAllStringSubmatch(lines(f.Doc), -1) {
		isCase := strings.HasPrefix(path, "internal/test/api/") && !strings.HasSuffix(path, "_test.go")
		if !isTest && !isCase {
			t.Errorf("%s: %s is marked as a test of a failure, and is none", path, f.Name.Name)
		}
		for _, number := range strings.Split(match[1], ", ") {
			row, _ := strconv.Atoi(number)
			e.rows[row] = append(e.rows[row], shown{f.Name.Name, path, match[2]})
		}
	}
}

// calls tells whether a function's body calls name, or pkg.name.
func calls(f *ast.FuncDecl, pkg, name string) (found bool) {
	if f.Body == nil {
		return false
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch fun := call.Fun.(type) {
		case *ast.Ident:
			found = found || pkg == "" && fun.Name == name
		case *ast.SelectorExpr:
			x, ok := fun.X.(*ast.Ident)
			found = found || ok && x.Name == pkg && fun.Sel.Name == name
		}
		return true
	})
	return found
}

// TestFailureMatrixDocs writes docs/proof/failures.md from the rows and from the tests that the sources name for each. It
// fails for a row without a scenario that is played to the end, for a test of a row that does not exist, and if CI no
// longer runs every package.
func TestFailureMatrixDocs(t *testing.T) {
	t.Parallel()
	found := gather(t)
	for row := range found.rows {
		if row < 1 || row > len(failures) {
			t.Errorf("%+v: there is no failure %d", found.rows[row], row)
		}
	}
	if len(found.suites) == 0 {
		t.Error("no test runs the API's suite")
	}
	var table strings.Builder
	table.WriteString("| | what fails | what iade does | by | tests |\n|---|---|---|---|---|\n")
	for i, f := range failures {
		row := i + 1
		if !found.played[row] {
			t.Errorf("failure %d (%s) has no scenario in internal/test/failures", row, f.fails)
		}
		var by, tests []string
		for _, promise := range f.promises {
			by = append(by, fmt.Sprintf("I%d", promise))
		}
		for _, s := range found.rows[row] {
			entry := fmt.Sprintf("[`%s`](../../%s)", s.name, s.file)
			if s.note != "" {
				entry += ": " + s.note
			}
			tests = append(tests, entry)
		}
		fmt.Fprintf(&table, "| %d | %s | %s | %s | %s |\n", row, f.fails, f.does, strings.Join(by, ", "), strings.Join(tests, "<br>"))
	}
	table.WriteString("\nWhat has a name in small letters is a case of the API's suite, which these tests run: ")
	for i, s := range found.suites {
		if i > 0 {
			table.WriteString(", ")
		}
		fmt.Fprintf(&table, "[`%s`](../../%s)", s.name, s.file)
	}
	table.WriteString(".\n")
	repo.Generated(t, "docs/proof/failures.md", "failures", table.String(), *update)
}

// TestCIRunsEveryPackage: a test that is named somewhere proves something only if it runs.
func TestCIRunsEveryPackage(t *testing.T) {
	t.Parallel()
	for file, needs := range map[string]string{
		".ci/run":            `(?m)^step "[^"]+" make test$`,
		"Makefile":           `(?m)^test:.*\n\t@\$\(GO\) run \./build/test \$\(ARGS\)$`,
		"build/test/main.go": `(?m)goArgs = append\(goArgs, "\./\.\.\."\)`,
	} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(needs).Match(data) {
			t.Errorf("%s no longer has %s", file, needs)
		}
	}
	ci, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ci), "export IADE_REQUIRE=all") {
		t.Error(".ci/run lets tests skip")
	}
}
