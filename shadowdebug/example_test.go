package shadowdebug_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/shadowvars/shadow"
	"github.com/shadowvars/shadow/shadowdebug"
)

type Conn struct{ requests int }

type Session struct{ user string }

func ExampleHandler() {
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "server"})
	sessions := shadow.MustNew(1, &shadow.Options[Conn, Session]{
		Space: space, Name: "sessions", Lifetime: shadow.Pinned,
		Format: func(s *Session) string { return "user " + s.user },
	})
	conn := new(Conn)
	sessions.Alloc(conn, &Session{user: "ada"})

	// A mux of its own, to be served where only those come by who may see this.
	debug := http.NewServeMux()
	debug.Handle("/debug/shadow/", shadowdebug.Handler(space))

	var object struct {
		Variables []struct{ Name, Parent, Contents string }
	}
	answer := httptest.NewRecorder()
	debug.ServeHTTP(answer, httptest.NewRequest("GET", fmt.Sprintf("/debug/shadow/?addr=%p&format=json", conn), nil))
	json.Unmarshal(answer.Body.Bytes(), &object)
	fmt.Println(object.Variables)
	// Output: [{sessions shadowdebug_test.Conn user ada}]
}

// A program can ask itself, without a listener: here for the class that holds the most.
func ExampleHandler_json() {
	space := shadow.NewSpace(&shadow.SpaceOptions{Name: "server"})
	small := shadow.MustNew(1, &shadow.Options[Conn, Session]{Space: space, Name: "sessions"})
	large := shadow.MustNew(2, &shadow.Options[Conn, [1000]uint64]{Space: space, Name: "histograms"})
	conn := new(Conn)
	small.Alloc(conn, nil)
	large.Alloc(conn, nil)

	var look struct {
		Spaces []struct {
			Rows []shadow.ClassStats // the largest first
		}
	}
	answer := httptest.NewRecorder()
	shadowdebug.Handler(space).ServeHTTP(answer, httptest.NewRequest("GET", "/?format=json", nil))
	json.Unmarshal(answer.Body.Bytes(), &look)
	fmt.Println(look.Spaces[0].Rows[0].Name, conn.requests)
	// Output: histograms 0
}
