package iyzico

import "testing"

func TestAMemberTwiceIsFoundAnywhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{}`: false, `null`: false, `[]`: false, `"a"`: false, `1`: false,
		`{"a":1,"b":2}`: false,
		`{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}`:       false,
		`{"a":"a","b":"a"}`:                               false,
		`{"a":["a","a",{"a":"a"}],"b":[["a"],["a"]]}`:     false,
		`[{"a":1},{"a":1}]`:                               false,
		`{"a":1,"a":1}`:                                   true,
		`{"a":1,"b":2,"A":3}`:                             true,
		`{"a":null,"a":null}`:                             true,
		`{"a":1,"\u0061":1}`:                              true,
		`{"a":{"b":1},"a":{"c":1}}`:                       true,
		`{"x":{"a":[],"b":{},"a":[]}}`:                    true,
		`{"x":[0,[{"a":1},{"a":1,"b":[{"a":1}],"a":2}]]}`: true,
		`{"x":[{"a":[1,2],"a":1}]}`:                       true,
		`{"status":1,"` + "\u017f" + `tatus":1}`:          true, // encoding/json reads the long s as an s
	} {
		if got := repeatsAMember([]byte(text)); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}
