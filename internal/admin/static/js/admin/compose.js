// Shows the HTML of a message in its frame, as the button does.

const button = document.getElementById("show-html");
button.form.requestSubmit(button);
button.parentElement.hidden = true;
