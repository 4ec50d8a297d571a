package proof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Compiling a package takes seconds, and its tests take milliseconds. So the guards whose tests stand in one folder are compiled
// together: a function that guards change stands in the program once as it is, and once more without each of them. At its start
// it asks which guard is off.

// offVariable names the guard that is off, in the environment of a test program. None is off where it is empty.
const offVariable = "IADE_GUARD_OFF"

// program is the tests of one folder, compiled with every guard that can be switched off in it.
type program struct {
	folder  string
	guards  []guard // by the number that switches one off
	file    string  // empty if it was not built: each of its guards is then taken away by itself
	trouble error   // why not
}

// programs puts the guards together by the folder of their tests. Those that no switch can take away, because they are no part of a
// function's body, are left alone.
func programs(t *testing.T) (together []*program, alone []guard) {
	t.Helper()
	for _, g := range guards() {
		if _, err := switched(g.source(t), map[int]string{0: g.changed(t)}); err != nil {
			alone = append(alone, g)
			continue
		}
		i := slices.IndexFunc(together, func(p *program) bool { return p.folder == g.folder() })
		if i < 0 {
			i, together = len(together), append(together, &program{folder: g.folder()})
		}
		together[i].guards = append(together[i].guards, g)
	}
	return together, alone
}

// build compiles the program into a folder.
func (p *program) build(t *testing.T, into string) {
	t.Helper()
	if err := os.Mkdir(into, 0o750); err != nil {
		t.Fatal(err)
	}
	files := map[string]map[int]string{} // by file and guard
	sources := map[string]string{}
	for number, g := range p.guards {
		if files[g.file] == nil {
			files[g.file], sources[g.file] = map[int]string{}, g.source(t)
		}
		files[g.file][number] = g.changed(t)
	}
	replace := map[string]string{}
	put := func(file, text string) {
		at := filepath.Join(into, fmt.Sprintf("%d-%s", len(replace), path.Base(file)))
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[absolute(t, file)] = at
	}
	for file, changed := range files {
		text, err := switched(sources[file], changed)
		if err != nil {
			p.trouble = fmt.Errorf("%s: %w", file, err)
			return
		}
		put(file, text)
		of, err := parsed(text)
		if err != nil {
			p.trouble = fmt.Errorf("%s: %w", file, err)
			return
		}
		if asks := path.Join(path.Dir(file), "guard_off.go"); replace[absolute(t, asks)] == "" {
			put(asks, "package "+of.name+"\n\nimport \"os\"\n\nvar guardOff = os.Getenv(\""+offVariable+"\")\n")
		}
	}
	list := filepath.Join(into, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err := errors.Join(err, os.WriteFile(list, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(into, "program.test")
	command := exec.CommandContext(t.Context(), "go", "test", "-c", "-vet=off", "-gcflags=-N -l", "-overlay="+list, "-o", file, "./"+p.folder)
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		p.trouble = fmt.Errorf("%w\n%s", err, out)
		return
	}
	p.file = file
}

// without runs tests of the program while one guard is off; none is off where the number is -1.
func (p *program) without(t *testing.T, number int, names ...string) run {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "tool", "test2json", "-p", p.folder, p.file,
		"-test.v=test2json", "-test.run=^("+strings.Join(names, "|")+")$", "-test."+strings.TrimPrefix(limit, "-"))
	command.Dir = absolute(t, p.folder)
	command.Env = append(os.Environ(), "PWD="+command.Dir, offVariable+"=")
	if number >= 0 {
		command.Env = append(command.Env, fmt.Sprintf("%s=%d", offVariable, number))
	}
	return runTests(t, command)
}

// source is the file that the guard stands in.
func (g guard) source(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(absolute(t, g.file))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// changed is that file without the guard.
func (g guard) changed(t *testing.T) string {
	t.Helper()
	changed, err := g.removed(g.source(t))
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	at, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// switched is a source in which each function that a guard changes asks for the guard that is off. It fails for a change of
// anything but the bodies of functions.
func switched(source string, changed map[int]string) (string, error) {
	own, err := parsed(source)
	if err != nil {
		return "", err
	}
	asks := make([]string, len(own.functions))
	var others strings.Builder
	for _, number := range slices.Sorted(maps.Keys(changed)) {
		other, err := parsed(changed[number])
		if err != nil {
			return "", err
		}
		if other.rest != own.rest {
			return "", errors.New("the guard is no part of a function's body")
		}
		for i, f := range own.functions {
			if other.bodies[i] == own.bodies[i] {
				continue
			}
			if f.Name.Name == "init" || strings.Contains(own.bodies[i]+other.bodies[i], "recover()") {
				return "", errors.New("a function that recovers, or runs by itself, is not handed over")
			}
			name := fmt.Sprintf("%s__%d", f.Name.Name, number)
			head, call, err := signature(f, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(&others, "\n%s %s\n", head, other.bodies[i])
			asks[i] += fmt.Sprintf("if guardOff == \"%d\" { %s }; ", number, call)
		}
	}
	var text strings.Builder
	at := 0
	for i, f := range own.functions {
		if asks[i] == "" {
			continue
		}
		head, _, err := signature(f, f.Name.Name)
		if err != nil {
			return "", err
		}
		text.WriteString(source[at:own.offset(f.Type.Func)])
		fmt.Fprintf(&text, "%s { %s%s", head, asks[i], strings.TrimPrefix(own.bodies[i], "{"))
		at = own.offset(f.Body.End())
	}
	text.WriteString(source[at:])
	text.WriteString(others.String())
	return text.String(), nil
}

// file is a source with the bodies of its functions apart.
type file struct {
	places    *token.FileSet
	name      string // of its package
	functions []*ast.FuncDecl
	bodies    []string
	rest      string // all but the bodies
}

func parsed(source string) (file, error) {
	f := file{places: token.NewFileSet()}
	tree, err := parser.ParseFile(f.places, "", source, parser.SkipObjectResolution)
	if err != nil {
		return file{}, err
	}
	f.name = tree.Name.Name
	at := 0
	for _, declared := range tree.Decls {
		function, is := declared.(*ast.FuncDecl)
		if !is || function.Body == nil {
			continue
		}
		from, to := f.offset(function.Body.Pos()), f.offset(function.Body.End())
		f.functions, f.bodies = append(f.functions, function), append(f.bodies, source[from:to])
		f.rest += source[at:from]
		at = to
	}
	f.rest += source[at:]
	return f, nil
}

func (f file) offset(at token.Pos) int { return f.places.Position(at).Offset }

// signature is the head of a function under a name, with a name for each parameter, and a statement that hands over to it.
func signature(f *ast.FuncDecl, name string) (head, call string, err error) {
	unnamed := 0
	var arguments []string
	named := func(list *ast.FieldList) *ast.FieldList {
		if list == nil {
			return nil
		}
		copied := &ast.FieldList{}
		for _, field := range list.List {
			names := slices.Clone(field.Names)
			if len(names) == 0 {
				names = []*ast.Ident{ast.NewIdent("_")}
			}
			for i, n := range names {
				if n.Name == "_" {
					names[i] = ast.NewIdent(fmt.Sprintf("unnamed%d", unnamed))
					unnamed++
				}
				argument := names[i].Name
				if _, variadic := field.Type.(*ast.Ellipsis); variadic {
					argument += "..."
				}
				arguments = append(arguments, argument)
			}
			copied.List = append(copied.List, &ast.Field{Names: names, Type: field.Type})
		}
		return copied
	}
	receiver := named(f.Recv)
	to := name
	if receiver != nil {
		to, arguments = arguments[0]+"."+name, nil
	}
	kind := &ast.FuncType{TypeParams: f.Type.TypeParams, Params: named(f.Type.Params), Results: f.Type.Results}
	if f.Type.TypeParams != nil {
		var parameters []string
		for _, field := range f.Type.TypeParams.List {
			for _, n := range field.Names {
				parameters = append(parameters, n.Name)
			}
		}
		to += "[" + strings.Join(parameters, ", ") + "]"
	}
	call = to + "(" + strings.Join(arguments, ", ") + ")"
	if f.Type.Results != nil {
		call = "return " + call
	} else {
		call += "; return"
	}
	var text bytes.Buffer
	if err := format.Node(&text, token.NewFileSet(), &ast.FuncDecl{Recv: receiver, Name: ast.NewIdent(name), Type: kind}); err != nil {
		return "", "", fmt.Errorf("print the head of %s: %w", f.Name.Name, err)
	}
	return text.String(), call, nil
}
