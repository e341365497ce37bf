"""Owns the measured Flask app: one route that answers JSON."""

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/item/<int:number>")
def item(number):
    """Answers with what the path and the query say."""
    return jsonify(id=number, name="item", q=request.args.get("q", ""), tags=["a", "b", "c"])
