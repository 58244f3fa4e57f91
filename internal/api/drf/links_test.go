package drf_test

import (
	"testing"

	"roster/internal/api/drf"
)

func TestPageLink_Query(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query string
		page  int64
		want  string
	}{
		{"", 2, "?page=2"},
		{"", 1, ""},
		{"page=2", 1, ""},
		{"page=2&page=5", 3, "?page=3"},
		{"foo=bar", 2, "?foo=bar&page=2"},
		{"x=y&page=3", 2, "?page=2&x=y"},
		{"a=1&a=2&page=2", 3, "?a=1&a=2&page=3"},
		{"a=2&b=1&a=1", 1, "?a=2&a=1&b=1"},
		{"a&page=2", 3, "?a=&page=3"},
		{"=x&&", 1, "?=x"},
		{"q=a%20b+c", 1, "?q=a+b+c"},
		{"q=a%2Bb", 1, "?q=a%2Bb"},
		{"q=a/b:c@d,e;f!$", 1, "?q=a%2Fb%3Ac%40d%2Ce%3Bf%21%24"},
		{"q=~*'()-._", 1, "?q=~%2A%27%28%29-._"},
		{"q=%c3%a9%E2%82%AC", 2, "?page=2&q=%C3%A9%E2%82%AC"},
		{"q=%FF%zz", 1, "?q=%EF%BF%BD%25zz"},
		{"q=é", 1, "?q=%C3%83%C2%A9"},
		{"q=\xe9", 1, "?q=%C3%A9"},
		{"Z=1&a=1&é=1&%C3%89=2", 1, "?Z=1&a=1&%C3%83%C2%A9=1&%C3%89=2"},
		{"p%61ge=7&x=1", 2, "?page=2&x=1"},
		{"x=1#y=2", 2, "?page=2&x=1"},
	} {
		got := drf.PageLink("http", "peer.test", "/api/users/", c.query, c.page)
		if want := "http://peer.test/api/users/" + c.want; got != want {
			t.Errorf("PageLink(%q, %d): got %q, want %q", c.query, c.page, got, want)
		}
	}
}

func TestPageLink_Address(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scheme, host, path, want string }{
		{"https", "API.Example.NET", "/api/users.json", "https://API.Example.NET/api/users.json?page=2"},
		{"http", "[::1]:8080", "/", "http://[::1]:8080/?page=2"},
		{"http", "h", "/a b/é", "http://h/a%20b/%C3%A9?page=2"},
		{"http", "h", "/%[]#?\"<>\\^`{|};=", "http://h/%25%5B%5D%23%3F%22%3C%3E%5C%5E%60%7B%7C%7D%3B%3D?page=2"},
		{"http", "h", "/~_-.!*'()&+$,:@", "http://h/~_-.!*'()&+$,:@?page=2"},
	} {
		if got := drf.PageLink(c.scheme, c.host, c.path, "", 2); got != c.want {
			t.Errorf("path %q: got %q, want %q", c.path, got, c.want)
		}
	}
}
