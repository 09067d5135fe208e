import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const isTag = (name: string) => /^(metric|task|session|alert|funnel|journey)-/.test(name)

export default defineConfig({ plugins: [vue({ template: { compilerOptions: { isCustomElement: isTag } } })] })
