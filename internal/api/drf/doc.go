// Package drf holds the rules by which Django REST Framework 3.14, Django 4.2
// and Python read a request and write its links: content negotiation, media
// types, charsets, query strings, whole numbers and page links. Its functions
// are pure, never fail on hostile input and take time linear in it.
package drf
