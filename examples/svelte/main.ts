/** Telltale in Svelte 5: tags and their events work as they are. */
import '@telltale/widgets'
import { mount } from 'svelte'
import App from './App.svelte'

mount(App, { target: document.querySelector('#app')! })
