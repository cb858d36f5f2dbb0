# SPDX-License-Identifier: LGPL-2.1-or-later
#
# awk -v DIR=DIRECTORY -f man3.awk nlbridge.h: a manual page for each function of the header, from the
# comment above it, its declaration, and the structures and enumerations that this names. What a
# function promises is said in the header only.

function escaped(text)
{
	gsub(/\\/, "\\e", text)
	gsub(/-/, "\\-", text)
	sub(/^[.']/, "\\\\\\&&", text)
	return text
}

# Words of ours in a text: names of functions, of @parameters, NLBRIDGE_CONSTANTS
function text(line)
{
	line = escaped(line)
	gsub(/nlbridge_[a-z0-9_]+\(\)/, "\\fB&\\fR", line)
	gsub(/NLBRIDGE_[A-Z0-9_]+/, "\\fB&\\fR", line)
	while (match(line, /@[a-z][a-z0-9_]*/))
		line = substr(line, 1, RSTART - 1) "\\fI" substr(line, RSTART + 1, RLENGTH - 1) "\\fR" \
			substr(line, RSTART + RLENGTH)
	return line
}

function begin_page(line, 	at)
{
	name = line
	sub(/\(\).*/, "", name)
	summary = line
	at = index(summary, " - ")
	summary = substr(summary, at + 3)
	body = ""
	result = ""
	in_result = 0
}

# One line of a function's comment, without its decoration
function take(line, 	at)
{
	if (line ~ /^Return: /) {
		in_result = 1
		sub(/^Return: /, "", line)
	} else if ((at = index(line, " Return: ")) > 0 && !in_result) {
		add(substr(line, 1, at - 1))
		in_result = 1
		line = substr(line, at + 9)
	}
	add(line)
}

function add(line)
{
	if (in_result) {
		result = result (line == "" ? ".PP" : text(line)) "\n"
	} else if (line == "") {
		body = body ".PP\n"
	} else if (match(line, /^@[a-z0-9_]+: */)) {
		body = body ".TP\n.I " substr(line, 2, index(line, ":") - 2) "\n" \
			text(substr(line, RLENGTH + 1)) "\n"
	} else {
		sub(/^ +/, "", line)
		body = body text(line) "\n"
	}
}

# The definitions that a declaration names, and those that these name
function definitions(declaration, 	i, found)
{
	found = ""
	for (i = 1; i <= n_types; i++)
		if (!(shown[types[i]] == name) && declaration ~ ("(^|[^a-z_])" types[i] "([^a-z_]|$)")) {
			shown[types[i]] = name
			found = found definitions(defined[types[i]]) defined[types[i]] "\n"
		}
	return found
}

function end_page(declaration, 	file, quoted, first)
{
	file = DIR "/" name ".3"
	first = summary
	sub(/\. .*/, "", first)
	sub(/\.$/, "", first)
	printf ".\\\" Generated from nlbridge.h.\n.TH %s 3 \"\" \"vzha\" \"Library functions\"\n", toupper(name) >file
	printf ".SH NAME\n%s \\- %s\n", name, escaped(tolower(substr(first, 1, 1)) substr(first, 2)) >file
	printf ".SH SYNOPSIS\n.nf\n.ta 8n 16n 24n 32n 40n 48n\n.B #include <nlbridge.h>\n.PP\n%s", escaped(declaration) >file
	printf ".PP\nLink with \\fI\\-lnlbridge\\fP.\n.fi\n.SH DESCRIPTION\n%s\n%s", text(summary), body >file
	quoted = definitions(declaration)
	if (quoted != "")
		printf ".PP\n.nf\n%s.fi\n", escaped(quoted) >file
	if (result != "")
		printf ".SH RETURN VALUE\n%s", result >file
	if (declaration ~ /^int nlbridge_/)
		printf "%sErrors that any function may return are in\n.BR libnlbridge (3).\n",
			result == "" ? ".SH RETURN VALUE\n0 or a negative errno.\n" : ".PP\n" >file
	printf ".SH SEE ALSO\n.BR libnlbridge (3)\n" >file
	close(file)
	name = ""
}

# The comment
/^\/\*\* nlbridge_/ {
	line = $0
	closed = sub(/ *\*\/$/, "", line)
	sub(/^\/\*\* /, "", line)
	begin_page(line)
	if (name != "" && match(summary, / Return: /)) {
		line = substr(summary, RSTART + 1)
		summary = substr(summary, 1, RSTART - 1)
		take(line)
	}
	in_comment = !closed
	next
}
/^\/\*\*$/ { getline; sub(/^ \* /, ""); begin_page($0); in_comment = 1; next }
in_comment && /\*\/$/ {
	sub(/ *\*\/$/, "")
	sub(/^ \* ?/, "")
	if ($0 != "")
		take($0)
	in_comment = 0
	next
}
in_comment && body == "" && summary !~ /\.$/ && !in_result && $0 !~ /^ \*( @|$)/ {
	sub(/^ \* /, "")
	summary = summary " " $0
	next
}
in_comment { sub(/^ \* ?/, ""); if (body != "" || in_result || $0 != "") take($0); next }

# The declaration
/^NLBRIDGE_API / && name != "" {
	declaration = $0 "\n"
	while (declaration !~ /;\n$/ && (getline line) > 0) {
		# aligned with the parenthesis, which is further to the left on the page
		sub(/^[\t ]+/, "        ", line)
		declaration = declaration line "\n"
	}
	sub(/^NLBRIDGE_API /, "", declaration)
	end_page(declaration)
	next
}

# What is defined
/^(struct|enum) nlbridge_[a-z_]+ \{/ {
	type = $1 " " $2
	types[++n_types] = type
	defined[type] = ""
	in_type = 1
}
in_type {
	defined[type] = defined[type] $0 "\n"
	if ($0 ~ /^\};/)
		in_type = 0
}
