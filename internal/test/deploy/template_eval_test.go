package deploy_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// object is a mapping of the template.
type object = map[string]any

// deployed is template.yaml as CloudFormation would see it with some parameters: conditions decided, references replaced
// by names. A reference to a resource becomes its logical id, an attribute of it "Id.Attribute". The resources of the stacks
// within it stand among its own.
type deployed struct {
	resources, outputs object
	functions          object // properties of the functions by logical id, with what Globals adds
	order              []string
}

// deploy evaluates the template. parameters replaces defaults by name.
func deploy(t *testing.T, parameters map[string]string) deployed {
	t.Helper()
	document, root := readTemplate(t)
	e := evaluator{t: t, root: root, parameters: parameters, stack: "iade"}
	for name := range parameters {
		if _, known := root["Parameters"].(object)[name]; !known {
			t.Fatalf("the template has no parameter %s", name)
		}
	}
	d := deployed{resources: e.kept("Resources"), outputs: e.kept("Outputs"), functions: object{}, order: keys(document, "Resources")}
	for _, id := range d.ofType(nestedStack) {
		d.nest(t, id)
	}
	globals := e.value(root["Globals"]).(object)["Function"].(object)
	for id, resource := range d.resources {
		if typeOf(resource) == "AWS::Serverless::Function" {
			d.functions[id] = merged(globals, properties(resource))
		}
	}
	return d
}

const nestedStack = "AWS::CloudFormation::Stack"

// nest evaluates a stack within the stack with what it is given. CloudFormation refuses a parameter too many or too few.
func (d deployed) nest(t *testing.T, id string) {
	t.Helper()
	p := d.properties(id)
	_, root := readYAML(t, p["TemplateURL"].(string))
	given := map[string]string{}
	for name, value := range p["Parameters"].(object) {
		if _, known := root["Parameters"].(object)[name]; !known {
			t.Errorf("%s has no parameter %s", id, name)
		}
		given[name] = fmt.Sprint(value)
	}
	for name, parameter := range root["Parameters"].(object) {
		if _, has := given[name]; !has && parameter.(object)["Default"] == nil {
			t.Errorf("%s is given no %s", id, name)
		}
	}
	e := evaluator{t: t, root: root, parameters: given, stack: "iade-" + id}
	for inner, resource := range e.kept("Resources") {
		if _, twice := d.resources[inner]; twice {
			t.Errorf("%s is in %s and beside it", inner, id)
		}
		d.resources[inner] = resource
	}
	for name, output := range e.kept("Outputs") {
		path := id + ".Outputs." + name
		for _, outer := range d.outputs {
			if outer.(object)["Value"] == path {
				outer.(object)["Value"] = output.(object)["Value"]
			}
		}
	}
}

// readTemplate gives template.yaml as it is written, and with CloudFormation's short tags in their long form.
func readTemplate(t *testing.T) (*yaml.Node, object) {
	t.Helper()
	return readYAML(t, "template.yaml")
}

// readYAML gives a template as readTemplate does.
func readYAML(t *testing.T, file string) (*yaml.Node, object) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	root, ok := plain(t, document.Content[0]).(object)
	if !ok {
		t.Fatalf("%s is no mapping", file)
	}
	return &document, root
}

// ofType lists the logical ids of one type, sorted.
func (d deployed) ofType(name string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(d.resources)) {
		if typeOf(d.resources[id]) == name {
			ids = append(ids, id)
		}
	}
	return ids
}

func (d deployed) properties(id string) object { return properties(d.resources[id]) }

func typeOf(resource any) string { return resource.(object)["Type"].(string) }

func properties(resource any) object { return resource.(object)["Properties"].(object) }

// merged is SAM's way with Globals: mappings member by member, everything else replaced.
func merged(globals, own object) object {
	all := maps.Clone(globals)
	for name, value := range own {
		inner, isMap := value.(object)
		if global, both := all[name].(object); both && isMap {
			value = merged(global, inner)
		}
		all[name] = value
	}
	return all
}

// keys lists the members of one section in the order in which they stand.
func keys(document *yaml.Node, section string) []string {
	var names []string
	for i, n := range document.Content[0].Content {
		if i%2 == 0 && n.Value == section {
			for j, member := range document.Content[0].Content[i+1].Content {
				if j%2 == 0 {
					names = append(names, member.Value)
				}
			}
		}
	}
	return names
}

// plain turns YAML with CloudFormation's short tags into the long form: !Ref X is {"Ref": X}, !If is {"Fn::If": …}.
func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	var value any
	switch n.Kind {
	case yaml.MappingNode:
		members := object{}
		for i := 0; i < len(n.Content); i += 2 {
			if _, twice := members[n.Content[i].Value]; twice {
				t.Fatalf("line %d: %s is there twice", n.Content[i].Line, n.Content[i].Value)
			}
			members[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		value = members
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(t, item))
		}
		value = list
	case yaml.ScalarNode:
		if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
			value = n.Value
		} else if err := n.Decode(&value); err != nil {
			t.Fatalf("line %d: %v", n.Line, err)
		}
	default:
		t.Fatalf("line %d: CloudFormation knows no such YAML", n.Line)
	}
	switch tag := n.Tag; {
	case strings.HasPrefix(tag, "!!") || !strings.HasPrefix(tag, "!"):
		return value
	case tag == "!Ref" || tag == "!Condition":
		return object{tag[1:]: value}
	default:
		return object{"Fn::" + tag[1:]: value}
	}
}

// absent is AWS::NoValue: the member or item that holds it is left out.
type absent struct{}

// evaluator fails the test for every name and function that it does not know, so a misspelt reference cannot hide.
type evaluator struct {
	t          *testing.T
	root       object
	parameters map[string]string
	stack      string
}

// kept evaluates the members of a section whose condition holds.
func (e evaluator) kept(section string) object {
	e.t.Helper()
	all := object{}
	for id, member := range e.root[section].(object) {
		if condition, has := member.(object)["Condition"]; has && !e.condition(condition.(string)) {
			continue
		}
		rest := maps.Clone(member.(object))
		delete(rest, "Condition")
		all[id] = e.value(rest)
	}
	return all
}

func (e evaluator) value(v any) any {
	e.t.Helper()
	switch v := v.(type) {
	case object:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") {
					return e.call(name, argument)
				}
			}
		}
		members := object{}
		for name, member := range v {
			if member = e.value(member); member != (absent{}) {
				members[name] = member
			}
		}
		return members
	case []any:
		items := []any{}
		for _, item := range v {
			if item = e.value(item); item != (absent{}) {
				items = append(items, item)
			}
		}
		return items
	}
	return v
}

func (e evaluator) call(name string, argument any) any {
	e.t.Helper()
	list, _ := argument.([]any)
	switch name {
	case "Ref":
		return e.ref(argument.(string))
	case "Condition":
		return e.condition(argument.(string))
	case "Fn::GetAtt":
		return e.attribute(argument.(string))
	case "Fn::Sub":
		text, own := argument, object{}
		if len(list) == 2 { // with names of its own
			text, own = list[0], e.value(list[1]).(object)
		}
		return substitution.ReplaceAllStringFunc(text.(string), func(s string) string {
			s = s[2 : len(s)-1]
			if value, given := own[s]; given {
				return value.(string)
			}
			if strings.Contains(s, ".") {
				return e.attribute(s)
			}
			return e.ref(s).(string)
		})
	case "Fn::If":
		if e.condition(list[0].(string)) {
			return e.value(list[1])
		}
		return e.value(list[2])
	case "Fn::Equals":
		return e.value(list[0]) == e.value(list[1])
	case "Fn::Not":
		return !e.value(list[0]).(bool)
	case "Fn::And":
		return !slices.ContainsFunc(list, func(c any) bool { return !e.value(c).(bool) })
	case "Fn::Or":
		return slices.ContainsFunc(list, func(c any) bool { return e.value(c).(bool) })
	case "Fn::EachMemberEquals":
		return !slices.ContainsFunc(e.value(list[0]).([]any), func(member any) bool { return member != list[1] })
	case "Fn::Split":
		return split(e.value(list[1]).(string), list[0].(string))
	case "Fn::Join":
		var parts []string
		for _, part := range e.value(list[1]).([]any) {
			parts = append(parts, part.(string))
		}
		return strings.Join(parts, list[0].(string))
	}
	e.t.Fatalf("the test does not know %s", name)
	return nil
}

var substitution = regexp.MustCompile(`\$\{[^}]+\}`)

func split(text, separator string) []any {
	list := []any{}
	for part := range strings.SplitSeq(text, separator) {
		list = append(list, part)
	}
	return list
}

func (e evaluator) condition(name string) bool {
	e.t.Helper()
	c, ok := e.root["Conditions"].(object)[name]
	if !ok {
		e.t.Fatalf("there is no condition %s", name)
	}
	return e.value(c).(bool)
}

// refusals are what the template's rules say about a stack with some parameters.
func refusals(t *testing.T, parameters map[string]string) []string {
	t.Helper()
	_, root := readTemplate(t)
	e := evaluator{t: t, root: root, parameters: parameters, stack: "iade"}
	said := []string{}
	for _, rule := range root["Rules"].(object) {
		if !e.value(rule.(object)["RuleCondition"]).(bool) {
			continue
		}
		for _, assertion := range rule.(object)["Assertions"].([]any) {
			if !e.value(assertion.(object)["Assert"]).(bool) {
				said = append(said, assertion.(object)["AssertDescription"].(string))
			}
		}
	}
	slices.Sort(said)
	return said
}

func (e evaluator) attribute(path string) string {
	e.t.Helper()
	if id, _, _ := strings.Cut(path, "."); e.root["Resources"].(object)[id] == nil {
		e.t.Fatalf("there is no resource %s", id)
	}
	return path
}

func (e evaluator) ref(name string) any {
	e.t.Helper()
	pseudo := map[string]string{
		"AWS::Partition": "aws", "AWS::Region": "eu-central-1", "AWS::AccountId": "123456789012",
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": e.stack,
	}
	if value, ok := pseudo[name]; ok {
		return value
	}
	if name == "AWS::NoValue" {
		return absent{}
	}
	if parameter, ok := e.root["Parameters"].(object)[name].(object); ok {
		value := parameter["Default"]
		if own, given := e.parameters[name]; given {
			value = own
		}
		if parameter["Type"] == "CommaDelimitedList" {
			return split(value.(string), ",")
		}
		return value
	}
	return e.attribute(name)
}
